/// After load all that the recipe's functions can reach is made read-only, and the variables that they share are compared
/// after each run: Lua holds no state.
#include "internal.h"

#define STATE_MESSAGE "cannot assign `%s`: module tables are read-only after load; state belongs in cells"

/// True the first time it is asked about the value at the top; leaves it there.
static bool first_visit(lua_State *L, int visited) {
  lua_pushvalue(L, -1);
  bool seen = lua_rawget(L, visited) != LUA_TNIL;
  lua_pop(L, 1);
  if (seen) return false;
  lua_pushvalue(L, -1);
  lua_pushboolean(L, 1);
  lua_rawset(L, visited);
  return true;
}

static void enqueue(lua_State *L, int queue, int visited) {
  int type = lua_type(L, -1);
  if (type == LUA_TTHREAD)
    luaL_error(L, "a coroutine cannot be kept at module level; state belongs in cells");
  if ((type == LUA_TTABLE || type == LUA_TFUNCTION) && first_visit(L, visited)) {
    lua_rawseti(L, queue, (lua_Integer)lua_rawlen(L, queue) + 1);
    return;
  }
  lua_pop(L, 1);
}

static void note_upvalue(lua_State *L, int function, int number) {
  bridge_vm *vm = vm_of(L);
  if (vm->guarded_count == vm->guarded_capacity) {
    size_t capacity = vm->guarded_capacity == 0 ? 32 : vm->guarded_capacity * 2;
    bridge_upvalue *moved = bridge_allocate(vm, vm->guarded, vm->guarded_capacity * sizeof *moved,
                                            capacity * sizeof *moved);
    if (moved == NULL) cross_memory(L);
    vm->guarded = moved;
    vm->guarded_capacity = capacity;
  }
  push_slot(L, SLOT_GUARDED);
  int index = (int)lua_rawlen(L, -1) + 1;
  lua_pushvalue(L, function);
  lua_rawseti(L, -2, index);
  lua_pop(L, 1);
  vm->guarded[vm->guarded_count] = (bridge_upvalue){index, number};
  vm->guarded_count += 1;
  push_slot(L, SLOT_BASELINE);
  lua_pushvalue(L, -2);
  lua_rawseti(L, -2, (lua_Integer)vm->guarded_count);
  lua_pop(L, 1);
}

static bool is_recipe_function(lua_State *L, int function) {
  lua_Debug record;
  lua_pushvalue(L, function);
  lua_getinfo(L, ">S", &record);
  return record.source[0] == '@';
}

static bool holds_state(lua_CFunction function) {
  return function == resume_wrapped || function == walk_step || function == gmatch_step;
}

static void visit_function(lua_State *L, int function, int queue, int visited) {
  bool guarded = is_recipe_function(L, function);
  if (lua_iscfunction(L, function)) {
    if (holds_state(lua_tocfunction(L, function)))
      luaL_error(L, "an iterator or coroutine cannot be kept at module level; state belongs in cells");
    return;
  }
  for (int number = 1; lua_getupvalue(L, function, number) != NULL; number += 1) {
    lua_pushlightuserdata(L, lua_upvalueid(L, function, number));
    bool fresh = first_visit(L, visited);
    lua_pop(L, 1);
    if (fresh && guarded) note_upvalue(L, function, number);
    enqueue(L, queue, visited);
  }
}

static void visit_table(lua_State *L, int table, int queue, int visited) {
  push_content(L, table);
  int content = lua_gettop(L);
  for (lua_pushnil(L); lua_next(L, content);) {
    lua_pushvalue(L, -2);
    enqueue(L, queue, visited);
    enqueue(L, queue, visited);
  }
  lua_pop(L, 1);
  if (push_known_metatable(L, table)) enqueue(L, queue, visited);
  charge(L, 10);
}

/// Freezes what can be reached from the loaded modules (their values at SLOT_LOADED).
void freeze_reachable(lua_State *L) {
  int base = lua_gettop(L);
  lua_createtable(L, 0, 0);
  lua_createtable(L, 0, 0);
  int queue = base + 1, visited = base + 2;
  push_slot(L, SLOT_ENVIRONMENT);
  first_visit(L, visited);
  lua_pop(L, 1);
  push_slot(L, SLOT_LOADED);
  enqueue(L, queue, visited);
  for (lua_Integer index = 1; index <= (lua_Integer)lua_rawlen(L, queue); index += 1) {
    lua_rawgeti(L, queue, index);
    int item = lua_gettop(L);
    if (lua_isfunction(L, item)) visit_function(L, item, queue, visited);
    else if (!is_frozen(L, item)) visit_table(L, item, queue, visited);
    lua_settop(L, visited);
  }
  lua_Integer count = (lua_Integer)lua_rawlen(L, queue);
  for (lua_Integer index = 2; index <= count; index += 1) { // the first is the table of modules itself
    if (lua_rawgeti(L, queue, index) == LUA_TTABLE) freeze_table(L, STATE_MESSAGE);
    lua_settop(L, visited);
  }
  lua_settop(L, base);
}

/// Puts changed variables back; with `report`, raises an error that names the first of them.
void check_upvalues(lua_State *L, bool report) {
  bridge_vm *vm = vm_of(L);
  if (vm->guarded_count == 0) return;
  const char *changed = NULL;
  int base = lua_gettop(L);
  push_slot(L, SLOT_GUARDED);
  push_slot(L, SLOT_BASELINE);
  for (size_t index = 0; index < vm->guarded_count; index += 1) {
    lua_rawgeti(L, base + 1, vm->guarded[index].function);
    const char *name = lua_getupvalue(L, base + 3, vm->guarded[index].upvalue);
    lua_rawgeti(L, base + 2, (lua_Integer)index + 1);
    if (!lua_rawequal(L, -1, -2)) {
      if (changed == NULL) changed = name;
      lua_setupvalue(L, base + 3, vm->guarded[index].upvalue);
    }
    lua_settop(L, base + 2);
  }
  lua_settop(L, base);
  if (changed != NULL && report)
    luaL_error(L, "the variable `%s` was changed by this event; it lives outside the function, and state belongs in "
                  "cells", changed);
}
