/// Scalars read from cells are plain Lua values, so that they compare and test as such. For `cells.count:increment(1)` the
/// bridge remembers where the last one was read; a method looked up on that very value, in the same line and with nothing
/// read in between, is the method of that place.
#include "internal.h"

static int caller_line(lua_State *L) {
  lua_Debug record;
  if (!lua_getstack(L, 1, &record)) return 0;
  lua_getinfo(L, "l", &record);
  return record.currentline;
}

void note_place(lua_State *L, uint32_t node, int key) {
  int type = lua_type(L, -1);
  if (type != LUA_TNUMBER && type != LUA_TSTRING && type != LUA_TBOOLEAN) return;
  bridge_vm *vm = vm_of(L);
  vm->place_node = node;
  vm->place_generation = vm->generation;
  vm->place_crossing = vm->crossings;
  vm->place_line = caller_line(L);
  lua_pushvalue(L, key);
  set_slot(L, SLOT_PLACE_KEY);
  lua_pushvalue(L, -1);
  set_slot(L, SLOT_PLACE_VALUE);
}

/// Whether the value at 1 is the one that was read last, here and now.
static bool is_at_place(lua_State *L) {
  bridge_vm *vm = vm_of(L);
  if (vm->place_generation != vm->generation || vm->place_crossing != vm->crossings) return false;
  if (vm->place_line != caller_line(L)) return false;
  push_slot(L, SLOT_PLACE_VALUE);
  bool same = lua_rawequal(L, 1, -1);
  lua_pop(L, 1);
  return same;
}

/// Upvalues: the method, the cell that it is called on in place of the plain value.
static int call_at_place(lua_State *L) {
  lua_settop(L, lua_gettop(L) < 1 ? 1 : lua_gettop(L));
  lua_pushvalue(L, lua_upvalueindex(2));
  lua_replace(L, 1);
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
  return lua_gettop(L);
}

/// Upvalues: the methods of scalar cells, the string library.
static int scalar_index(lua_State *L) {
  lua_settop(L, 2);
  bool named = lua_type(L, 2) == LUA_TSTRING, text = lua_type(L, 1) == LUA_TSTRING;
  if (text) {
    lua_pushvalue(L, 2);
    if (lua_rawget(L, lua_upvalueindex(2)) != LUA_TNIL) return 1;
    lua_settop(L, 2);
  }
  if (!named || (lua_pushvalue(L, 2), lua_rawget(L, lua_upvalueindex(1))) == LUA_TNIL) {
    if (text) return lua_pushnil(L), 1;
    return luaL_error(L, "attempt to index a %s value (field '%s')", luaL_typename(L, 1),
                      named ? lua_tostring(L, 2) : "?");
  }
  if (!is_at_place(L))
    return luaL_error(L, "`:%s` needs the cell itself, as in cells.NAME:%s(...); this is a plain %s", lua_tostring(L, 2),
                      lua_tostring(L, 2), luaL_typename(L, 1));
  bridge_buffer *buffer = begin_encoding(vm_of(L));
  push_slot(L, SLOT_PLACE_KEY);
  encode(L, 4, buffer, ENCODE_DATA);
  if (cross(L, BRIDGE_OP_KEY, vm_of(L)->place_node, buffer, 4) == 0) return luaL_error(L, "the cell is gone");
  lua_replace(L, 4);
  lua_settop(L, 4);
  lua_pushcclosure(L, call_at_place, 2);
  return 1;
}

/// With the string library at the top: numbers, booleans and strings get the methods of scalar cells.
void open_places(lua_State *L) {
  int library = lua_gettop(L);
  push_slot(L, SLOT_METHODS);
  lua_rawgeti(L, -1, BRIDGE_KIND_SCALAR);
  lua_pushvalue(L, library);
  lua_pushcclosure(L, scalar_index, 2);
  int index = lua_gettop(L);
  lua_pushliteral(L, "");
  lua_getmetatable(L, -1);
  lua_pushvalue(L, index);
  lua_setfield(L, -2, "__index");
  lua_createtable(L, 0, 1);
  lua_pushvalue(L, index);
  lua_setfield(L, -2, "__index");
  lua_pushinteger(L, 0);
  lua_pushvalue(L, -2);
  lua_setmetatable(L, -2);
  lua_pushboolean(L, 0);
  lua_pushvalue(L, -3);
  lua_setmetatable(L, -2);
  lua_settop(L, library);
}
