/// `ctx`: the clock by a fast path, other fields decoded when first asked for, functions shared by all runs.
#include "internal.h"

static const bridge_surface *entry_of(lua_State *L) { return lua_touserdata(L, lua_upvalueindex(1)); }

static void check_called_with_dot(lua_State *L, const bridge_surface *entry) {
  bridge_proxy *first = to_proxy(L, 1);
  if (first != NULL && first->kind == BRIDGE_KIND_CONTEXT)
    luaL_error(L, "write ctx.%s(...), with a dot", entry->name);
}

static int call_context(lua_State *L) {
  const bridge_surface *entry = entry_of(L);
  check_called_with_dot(L, entry);
  check_arguments(L, entry, 1);
  bridge_vm *vm = vm_of(L);
  bridge_buffer *buffer = begin_encoding(vm);
  int top = lua_gettop(L);
  for (int index = 1; index <= top; index += 1) encode(L, index, buffer, ENCODE_DATA);
  return cross(L, entry->operation, 0, buffer, 0);
}

/// Whatever is logged becomes text here, with tabs between, as `print` does.
static int log_values(lua_State *L) {
  const bridge_surface *entry = entry_of(L);
  check_called_with_dot(L, entry);
  int top = lua_gettop(L);
  luaL_Buffer text;
  lua_checkstack(L, top + 8);
  for (int index = 1; index <= top; index += 1) {
    push_slot(L, SLOT_GLOBALS);
    lua_getfield(L, -1, "tostring");
    lua_pushvalue(L, index);
    lua_call(L, 1, 1);
    lua_replace(L, index);
    lua_pop(L, 1);
  }
  luaL_buffinit(L, &text);
  for (int index = 1; index <= top; index += 1) {
    if (index > 1) luaL_addchar(&text, '\t');
    lua_pushvalue(L, index);
    luaL_addvalue(&text);
  }
  luaL_pushresult(&text);
  size_t length;
  const char *bytes = lua_tolstring(L, -1, &length);
  if (!is_utf8(bytes, length)) return luaL_error(L, "what is logged must be valid UTF-8");
  bridge_buffer *buffer = begin_encoding(vm_of(L));
  encode(L, -1, buffer, ENCODE_DATA);
  cross(L, BRIDGE_OP_LOG, 0, buffer, 0);
  return 0;
}

static int fail(lua_State *L) {
  const bridge_surface *entry = entry_of(L);
  check_called_with_dot(L, entry);
  check_arguments(L, entry, 1);
  size_t code_length, length;
  const char *code = lua_tolstring(L, 1, &code_length);
  const char *message = lua_isnoneornil(L, 2) ? code : lua_tolstring(L, 2, &length);
  if (lua_isnoneornil(L, 2)) length = code_length;
  if (!is_utf8(code, code_length) || !is_utf8(message, length))
    return luaL_error(L, "ctx.fail: code and message must be valid UTF-8");
  raise_failure(L, code, code_length, message, length);
  return 0;
}

static int random_value(lua_State *L) {
  const bridge_surface *entry = entry_of(L);
  check_called_with_dot(L, entry);
  check_arguments(L, entry, 1);
  return random_number(L, 1);
}

static lua_CFunction implementation(uint32_t operation) {
  switch (operation) {
  case BRIDGE_OP_LOG: return log_values;
  case BRIDGE_OP_FAIL: return fail;
  case BRIDGE_OP_RANDOM: return random_value;
  default: return call_context;
  }
}

static void push_fields(lua_State *L, bridge_vm *vm) {
  push_slot(L, SLOT_FIELDS);
  if (vm->fields_generation == vm->generation && vm->fields_depth == vm->depth && lua_istable(L, -1)) return;
  lua_pop(L, 1);
  const uint8_t *cursor = vm->fields;
  decode(L, &cursor, vm->fields + vm->fields_length, 0);
  if (!lua_istable(L, -1)) luaL_error(L, "the fields of ctx are no object");
  lua_pushvalue(L, -1);
  set_slot(L, SLOT_FIELDS);
  vm->fields_generation = vm->generation;
  vm->fields_depth = vm->depth;
}

int context_index(lua_State *L) {
  bridge_vm *vm = vm_of(L);
  if (lua_type(L, 2) == LUA_TSTRING && lua_tostring(L, 2) == vm->now_name) {
    lua_pushinteger(L, vm->now);
    return 1;
  }
  bridge_proxy *self = to_proxy(L, 1);
  push_slot(L, SLOT_CONTEXT);
  lua_pushvalue(L, 2);
  if (lua_rawget(L, -2) != LUA_TNIL) return 1;
  if (self->node != vm->depth || vm->fields == NULL)
    return luaL_error(L, "this ctx belongs to another function that is still running");
  push_fields(L, vm);
  lua_pushvalue(L, 2);
  lua_rawget(L, -2);
  return 1;
}

void register_context(lua_State *L) {
  lua_createtable(L, 0, 24);
  for (const bridge_surface *entry = bridge_surface_entries(); entry->name != NULL; entry += 1) {
    if ((entry->kinds & (1u << BRIDGE_KIND_CONTEXT)) == 0) continue;
    lua_pushlightuserdata(L, (void *)entry);
    lua_pushcclosure(L, implementation(entry->operation), 1);
    lua_setfield(L, -2, entry->name);
  }
  set_slot(L, SLOT_CONTEXT);
  vm_of(L)->now_name = lua_pushliteral(L, "now");
  lua_rawsetp(L, LUA_REGISTRYINDEX, &vm_of(L)->now_name);
}
