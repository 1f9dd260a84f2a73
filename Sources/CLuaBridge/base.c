/// The basic functions, without those that load code and with those that would show addresses or reach behind the
/// sandbox rewritten.
#include "internal.h"
#include <ctype.h>
#include <string.h>

static int assert_value(lua_State *L) {
  luaL_checkany(L, 1);
  if (lua_toboolean(L, 1)) return lua_gettop(L);
  lua_remove(L, 1);
  lua_pushliteral(L, "assertion failed!");
  lua_settop(L, 1);
  return lua_error(L);
}

static int raise(lua_State *L) {
  int level = (int)luaL_optinteger(L, 2, 1);
  lua_settop(L, 1);
  if (lua_type(L, 1) == LUA_TSTRING && level > 0) {
    luaL_where(L, level);
    lua_pushvalue(L, 1);
    lua_concat(L, 2);
  }
  return lua_error(L);
}

static int select_values(lua_State *L) {
  int count = lua_gettop(L);
  if (lua_type(L, 1) == LUA_TSTRING && *lua_tostring(L, 1) == '#') {
    lua_pushinteger(L, count - 1);
    return 1;
  }
  lua_Integer index = luaL_checkinteger(L, 1);
  if (index < 0) index = count + index;
  else if (index > count) index = count;
  luaL_argcheck(L, index >= 1, 1, "index out of range");
  return count - (int)index;
}

static int parse_in_base(lua_State *L, lua_Integer base) {
  size_t length;
  luaL_checktype(L, 1, LUA_TSTRING);
  const char *text = lua_tolstring(L, 1, &length), *end = text + length;
  charge(L, length / 16);
  luaL_argcheck(L, base >= 2 && base <= 36, 2, "base out of range");
  while (text < end && isspace((unsigned char)*text)) text += 1;
  bool negative = text < end && *text == '-';
  if (text < end && (*text == '-' || *text == '+')) text += 1;
  lua_Unsigned number = 0;
  bool digits = false;
  for (; text < end && isalnum((unsigned char)*text); text += 1) {
    int digit = isdigit((unsigned char)*text) ? *text - '0' : toupper((unsigned char)*text) - 'A' + 10;
    if (digit >= base) break;
    number = number * (lua_Unsigned)base + (lua_Unsigned)digit;
    digits = true;
  }
  while (text < end && isspace((unsigned char)*text)) text += 1;
  if (digits && text == end) lua_pushinteger(L, (lua_Integer)(negative ? 0u - number : number));
  else lua_pushnil(L);
  return 1;
}

static int to_number(lua_State *L) {
  if (!lua_isnoneornil(L, 2)) return parse_in_base(L, luaL_checkinteger(L, 2));
  luaL_checkany(L, 1);
  lua_settop(L, 1);
  if (lua_type(L, 1) == LUA_TNUMBER) return 1;
  size_t length;
  const char *text = lua_type(L, 1) == LUA_TSTRING ? lua_tolstring(L, 1, &length) : NULL;
  if (text != NULL) charge(L, length / 16);
  if (text != NULL && lua_stringtonumber(L, text) == length + 1) return 1;
  lua_pushnil(L);
  return 1;
}

/// Like Lua's, but a table shows its type (or the __name of its metatable) instead of an address.
int to_string(lua_State *L) {
  luaL_checkany(L, 1);
  int type = lua_type(L, 1);
  if (type == LUA_TNUMBER || type == LUA_TSTRING || type == LUA_TNIL || type == LUA_TBOOLEAN
      || luaL_getmetafield(L, 1, "__tostring") != LUA_TNIL) {
    lua_settop(L, 1);
    luaL_tolstring(L, 1, NULL);
    return 1;
  }
  if (luaL_getmetafield(L, 1, "__name") != LUA_TSTRING) lua_pushstring(L, lua_typename(L, type));
  return 1;
}

static int type_name(lua_State *L) {
  luaL_checkany(L, 1);
  lua_pushstring(L, luaL_typename(L, 1));
  return 1;
}

static int raw_equal(lua_State *L) {
  luaL_checkany(L, 1);
  luaL_checkany(L, 2);
  lua_pushboolean(L, lua_rawequal(L, 1, 2));
  return 1;
}

static int raw_len(lua_State *L) {
  luaL_argexpected(L, lua_istable(L, 1) || lua_type(L, 1) == LUA_TSTRING, 1, "table or string");
  lua_settop(L, 1);
  if (lua_istable(L, 1)) push_content(L, 1);
  lua_pushinteger(L, (lua_Integer)lua_rawlen(L, -1));
  return 1;
}

static int raw_get(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_checkany(L, 2);
  lua_settop(L, 2);
  push_content(L, 1);
  lua_insert(L, 2);
  lua_rawget(L, 2);
  return 1;
}

static int raw_set(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_checkany(L, 2);
  luaL_checkany(L, 3);
  lua_settop(L, 3);
  if (is_frozen(L, 1)) return luaL_error(L, "rawset: this table is read-only; state belongs in cells");
  set_content(L);
  return 1;
}

static bool is_protected(lua_State *L, int index) {
  if (!lua_getmetatable(L, index)) return false;
  lua_pushliteral(L, "__metatable");
  bool protected = lua_rawget(L, -2) != LUA_TNIL;
  lua_pop(L, 2);
  return protected;
}

static int set_metatable(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  int type = lua_type(L, 2);
  luaL_argexpected(L, type == LUA_TNIL || type == LUA_TTABLE, 2, "nil or table");
  lua_settop(L, 2);
  if (is_frozen(L, 1)) return luaL_error(L, "setmetatable: this table is read-only; state belongs in cells");
  if (is_protected(L, 1)) return luaL_error(L, "setmetatable: cannot change a protected metatable");
  give_metatable(L);
  return 1;
}

static int get_metatable(lua_State *L) {
  luaL_checkany(L, 1);
  lua_settop(L, 1);
  if (!lua_istable(L, 1) || !lua_getmetatable(L, 1)) {
    lua_pushnil(L);
    return 1;
  }
  lua_pushliteral(L, "__metatable");
  if (lua_rawget(L, -2) == LUA_TNIL && !push_known_metatable(L, 1)) lua_pushnil(L);
  return 1;
}

void open_base(lua_State *L) {
  static const luaL_Reg functions[] = {
    {"assert", assert_value},   {"error", raise},         {"select", select_values},
    {"tonumber", to_number},    {"tostring", to_string},  {"type", type_name},
    {"rawequal", raw_equal},    {"rawlen", raw_len},      {"rawget", raw_get},
    {"rawset", raw_set},        {"setmetatable", set_metatable},
    {"getmetatable", get_metatable}, {NULL, NULL},
  };
  luaL_setfuncs(L, functions, 0);
}
