/// require, recipe, print and `hearth`.
#include "internal.h"

/// Runs the compiled chunk at the top as module `name`, remembers and leaves its value.
int run_module(lua_State *L, const char *name) {
  lua_Debug record;
  lua_pushvalue(L, -1);
  lua_getinfo(L, ">S", &record);
  bool trusted = record.source[0] != '@';
  push_slot(L, SLOT_LOADED);
  lua_pushboolean(L, 0); // under way: requiring it again is a cycle
  lua_setfield(L, -2, name);
  lua_pop(L, 1);
  if (trusted) push_slot(L, SLOT_INTERNALS);
  lua_call(L, trusted ? 1 : 0, 1);
  if (lua_isnil(L, -1)) {
    lua_pop(L, 1);
    lua_pushboolean(L, 1);
  }
  push_slot(L, SLOT_LOADED);
  lua_pushvalue(L, -2);
  lua_setfield(L, -2, name);
  lua_pop(L, 1);
  return 1;
}

static int require(lua_State *L) {
  const char *name = luaL_checkstring(L, 1);
  lua_settop(L, 1);
  push_slot(L, SLOT_LOADED);
  lua_pushvalue(L, 1);
  lua_rawget(L, 2);
  if (lua_isboolean(L, -1) && !lua_toboolean(L, -1))
    return luaL_error(L, "module '%s' requires itself, directly or through others", name);
  if (!lua_isnil(L, -1)) return 1;
  push_slot(L, SLOT_MODULES);
  lua_pushvalue(L, 1);
  if (lua_rawget(L, -2) != LUA_TFUNCTION)
    return luaL_error(L, "module '%s' not found: recipes may require 'hearth.types' and files of their own folder", name);
  if (!vm_of(L)->loading)
    return luaL_error(L, "require '%s' belongs at the top of the file, not in a handler", name);
  return run_module(L, name);
}

/// Marks its argument: kind = "recipe", with file and line.
static int mark_recipe(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  bridge_failure place;
  note_position(L, &place);
  lua_pushliteral(L, "recipe");
  lua_setfield(L, 1, "kind");
  lua_pushstring(L, place.file);
  lua_setfield(L, 1, "file");
  lua_pushinteger(L, place.line);
  lua_setfield(L, 1, "line");
  return 1;
}

static int make_list(lua_State *L) {
  if (lua_isnoneornil(L, 1)) {
    lua_settop(L, 0);
    lua_createtable(L, 0, 0);
  }
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  if (is_frozen(L, 1) || lua_getmetatable(L, 1)) return luaL_error(L, "hearth.list takes a plain table");
  push_slot(L, SLOT_LIST);
  lua_setmetatable(L, 1);
  return 1;
}

static int link_of(lua_State *L) {
  lua_settop(L, 1);
  bridge_proxy *proxy = to_proxy(L, 1);
  if (lua_type(L, 1) == LUA_TUSERDATA && proxy == NULL) return 1; // a link already
  if (proxy == NULL) return luaL_error(L, "hearth.link_of takes a cell or a part of one, got %s", luaL_typename(L, 1));
  check_live(L, 1);
  if (cross(L, BRIDGE_OP_LINK_OF, proxy->node, begin_encoding(vm_of(L)), 0) == 0) lua_pushnil(L);
  return 1;
}

static int print(lua_State *L) {
  push_slot(L, SLOT_CONTEXT);
  lua_getfield(L, -1, "log");
  lua_insert(L, 1);
  lua_pop(L, 1);
  lua_call(L, lua_gettop(L) - 1, 0);
  return 0;
}

/// For trusted chunks: call(operation, node, ...) crosses to the host.
static int internal_call(lua_State *L) {
  uint32_t operation = (uint32_t)luaL_checkinteger(L, 1), node = (uint32_t)luaL_checkinteger(L, 2);
  bridge_buffer *buffer = begin_encoding(vm_of(L));
  int top = lua_gettop(L);
  for (int index = 3; index <= top; index += 1) encode(L, index, buffer, ENCODE_DECLARATION);
  return cross(L, operation, node, buffer, 0);
}

/// For trusted chunks: file and line of the recipe code that called them.
static int internal_position(lua_State *L) {
  bridge_failure place;
  note_position(L, &place);
  lua_pushstring(L, place.file);
  lua_pushinteger(L, place.line);
  return 2;
}

/// For trusted chunks: raises text that blames the recipe code that called them.
static int internal_complain(lua_State *L) {
  bridge_failure place;
  note_position(L, &place);
  return luaL_error(L, "%s:%d: %s", place.file, (int)place.line, luaL_checkstring(L, 1));
}

/// For trusted chunks: the names of all globals, sorted.
static int internal_globals(lua_State *L) {
  lua_settop(L, 0);
  push_slot(L, SLOT_GLOBALS);
  push_sorted_keys(L, 1);
  return 1;
}

/// For trusted chunks: the metatable that a value really has.
static int internal_metatable(lua_State *L) {
  luaL_checkany(L, 1);
  if (!lua_getmetatable(L, 1)) lua_pushnil(L);
  return 1;
}

/// For trusted chunks: what a table itself really holds, as a list of pairs.
static int internal_fields(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  lua_createtable(L, 0, 0);
  lua_Integer count = 0;
  for (lua_pushnil(L); lua_next(L, 1); lua_settop(L, 3)) {
    lua_createtable(L, 2, 0);
    lua_pushvalue(L, 3);
    lua_rawseti(L, -2, 1);
    lua_pushvalue(L, 4);
    lua_rawseti(L, -2, 2);
    lua_rawseti(L, 2, ++count);
  }
  lua_settop(L, 2);
  return 1;
}

void open_modules(lua_State *L) {
  static const luaL_Reg globals[] = {{"require", require}, {"recipe", mark_recipe}, {"print", print}, {NULL, NULL}};
  static const luaL_Reg hearth[] = {{"list", make_list}, {"link_of", link_of}, {NULL, NULL}};
  static const luaL_Reg internals[] = {
    {"call", internal_call}, {"position", internal_position}, {"complain", internal_complain},
    {"globals", internal_globals}, {"metatable", internal_metatable}, {"fields", internal_fields}, {NULL, NULL}};
  luaL_setfuncs(L, globals, 0);
  luaL_newlib(L, hearth);
  lua_pushlightuserdata(L, &null_key);
  lua_setfield(L, -2, "null");
  lua_setfield(L, -2, "hearth");
  luaL_newlib(L, internals);
  set_slot(L, SLOT_INTERNALS);
}
