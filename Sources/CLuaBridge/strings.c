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

/// Lua's own copies nothing as often as it is told.
static int rep(lua_State *L) {
  size_t length, between;
  luaL_checklstring(L, 1, &length);
  lua_Integer count = luaL_checkinteger(L, 2);
  luaL_optlstring(L, 3, "", &between);
  if (length + between == 0 || count <= 0) {
    lua_pushliteral(L, "");
    return 1;
  }
  charge(L, 1 + (uint64_t)(count < (1 << 24) ? count : 1 << 24) / 16); // one copy for each, however short
  return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

/// pack, unpack and packsize walk over their format without a hook.
static int formatted(lua_State *L) {
  size_t length;
  luaL_checklstring(L, 1, &length);
  charge(L, length + 1);
  return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

/// Puts a function before one of the library, which gets it as its upvalue.
static void guard(lua_State *L, const char *name, lua_CFunction function) {
  lua_getfield(L, -1, name);
  lua_pushcclosure(L, function, 1);
  lua_setfield(L, -2, name);
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
  guard(L, "rep", rep);
  guard(L, "pack", formatted);
  guard(L, "unpack", formatted);
  guard(L, "packsize", formatted);
  open_patterns(L);
  lua_setfield(L, -2, "string");
}
