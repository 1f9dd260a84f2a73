/// Methods of cells. One closure per entry of the surface; most of them encode their arguments and cross.
#include "internal.h"

static const bridge_surface *entry_of(lua_State *L) { return lua_touserdata(L, lua_upvalueindex(1)); }

static int call_method(lua_State *L) {
  const bridge_surface *entry = entry_of(L);
  bridge_proxy *self = check_live(L, 1);
  if ((entry->kinds & (1u << self->kind)) == 0) return luaL_error(L, "this kind of cell has no :%s", entry->name);
  check_arguments(L, entry, 2);
  bridge_buffer *buffer = begin_encoding(vm_of(L));
  int top = lua_gettop(L);
  vm_of(L)->receiver = BRIDGE_RECEIVER_CELL;
  for (int index = 2; index <= top; index += 1) encode(L, index, buffer, ENCODE_DATA);
  return cross(L, entry->operation, self->node, buffer, 1);
}

static lua_Integer length_of(lua_State *L, bridge_proxy *self) {
  if (cross(L, BRIDGE_OP_LENGTH, self->node, begin_encoding(vm_of(L)), 0) == 0) return 0;
  lua_Integer length = lua_tointeger(L, -1);
  lua_settop(L, 2);
  return length;
}

/// With the list at 1 and the test at 2: leaves the item at 3, returns whether the test holds for it.
static bool test_item(lua_State *L, lua_Integer index) {
  lua_settop(L, 2);
  lua_geti(L, 1, index);
  lua_pushvalue(L, 2);
  lua_pushvalue(L, 3);
  lua_pushinteger(L, index);
  lua_call(L, 2, 1);
  bool holds = lua_toboolean(L, -1);
  lua_settop(L, 3);
  return holds;
}

static int find(lua_State *L) {
  bridge_proxy *self = check_live(L, 1);
  check_arguments(L, entry_of(L), 2);
  lua_Integer length = length_of(L, self);
  for (lua_Integer index = 1; index <= length; index += 1) {
    if (!test_item(L, index)) continue;
    lua_pushinteger(L, index);
    return 2;
  }
  return 0;
}

static int remove_where(lua_State *L) {
  bridge_proxy *self = check_live(L, 1);
  check_arguments(L, entry_of(L), 2);
  lua_Integer length = length_of(L, self), index = 1, removed = 0;
  while (index <= length) {
    if (!test_item(L, index)) {
      index += 1;
      continue;
    }
    lua_settop(L, 2);
    bridge_buffer *buffer = begin_encoding(vm_of(L));
    lua_pushinteger(L, index);
    encode(L, -1, buffer, ENCODE_DATA);
    cross(L, BRIDGE_OP_REMOVE, self->node, buffer, 0);
    length -= 1;
    removed += 1;
  }
  lua_pushinteger(L, removed);
  return 1;
}

static lua_CFunction implementation(uint32_t operation) {
  if (operation == BRIDGE_OP_FIND) return find;
  if (operation == BRIDGE_OP_REMOVE_WHERE) return remove_where;
  return call_method;
}

void register_methods(lua_State *L) {
  lua_createtable(L, BRIDGE_KIND_COUNT, 0);
  for (int kind = 1; kind < BRIDGE_KIND_COUNT; kind += 1) {
    lua_createtable(L, 0, 16);
    for (const bridge_surface *entry = bridge_surface_entries(); entry->name != NULL; entry += 1) {
      if (kind == BRIDGE_KIND_CONTEXT || (entry->kinds & (1u << kind)) == 0) continue;
      lua_pushlightuserdata(L, (void *)entry);
      lua_pushcclosure(L, implementation(entry->operation), 1);
      lua_setfield(L, -2, entry->name);
    }
    lua_rawseti(L, -2, kind);
  }
  set_slot(L, SLOT_METHODS);
}
