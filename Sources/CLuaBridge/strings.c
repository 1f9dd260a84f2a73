/// The string library without dump, with formatting that shows no address.
#include "internal.h"
#include <string.h>

/// Appends one conversion, done by Lua's own format, which bounds widths and precisions to two digits.
static void add_conversion(lua_State *L, const char *spec, size_t length, int argument) {
  lua_getfield(L, LUA_REGISTRYINDEX, "string.format");
  lua_pushlstring(L, spec, length);
  if (spec[length - 1] == 's') {
    lua_pushcfunction(L, to_string);
    lua_pushvalue(L, argument);
    lua_call(L, 1, 1);
  } else {
    lua_pushvalue(L, argument);
  }
  lua_call(L, 2, 1);
}

static int format(lua_State *L) {
  int top = lua_gettop(L), argument = 1;
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length), *end = text + length;
  luaL_checkstack(L, 8, NULL);
  luaL_Buffer result;
  luaL_buffinit(L, &result);
  while (text < end) {
    const char *percent = memchr(text, '%', (size_t)(end - text));
    if (percent == NULL) percent = end;
    luaL_addlstring(&result, text, (size_t)(percent - text));
    text = percent;
    if (text == end) break;
    if (text + 1 < end && text[1] == '%') {
      luaL_addchar(&result, '%');
      text += 2;
      continue;
    }
    const char *last = text + 1;
    while (last < end && strchr("-+ #0123456789.", *last) != NULL && *last != 0) last += 1;
    if (last == end || strchr("diuoxXaAfFeEgGcqs", *last) == NULL || *last == 0)
      return luaL_error(L, "string.format: invalid conversion");
    argument += 1;
    if (argument > top) return luaL_argerror(L, argument, "no value");
    charge(L, 4);
    add_conversion(L, text, (size_t)(last + 1 - text), argument);
    luaL_addvalue(&result);
    text = last + 1;
  }
  luaL_pushresult(&result);
  return 1;
}

void open_strings(lua_State *L) {
  lua_pushcfunction(L, luaopen_string);
  lua_call(L, 0, 1);
  lua_pushnil(L);
  lua_setfield(L, -2, "dump");
  lua_getfield(L, -1, "format");
  lua_setfield(L, LUA_REGISTRYINDEX, "string.format");
  lua_pushcfunction(L, format);
  lua_setfield(L, -2, "format");
  open_patterns(L);
  lua_setfield(L, -2, "string");
}
