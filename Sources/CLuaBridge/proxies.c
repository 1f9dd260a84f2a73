/// Proxies: what recipes hold instead of cells. A proxy is a number that the host understands during one run; its
/// generation tells a later run that it was kept.
#include "internal.h"
#include <string.h>

/// After about so many crossings the clock is read: BRIDGE_HOOK_STEP / CROSSING_TIME.
#define CROSSING_TIME 60

void push_proxy(lua_State *L, uint32_t node, uint8_t kind, int named_by) {
  bridge_vm *vm = vm_of(L);
  bridge_proxy *proxy = lua_newuserdatauv(L, sizeof *proxy, 1);
  *proxy = (bridge_proxy){vm->generation, node, 0, kind, (uint8_t)vm->depth, false};
  if (named_by != 0) {
    if (lua_type(L, named_by) == LUA_TUSERDATA) lua_getiuservalue(L, named_by, 1);
    else lua_pushvalue(L, named_by);
    lua_setiuservalue(L, -2, 1);
  }
  push_slot(L, SLOT_PROXY);
  lua_setmetatable(L, -2);
}

bridge_proxy *to_proxy(lua_State *L, int index) {
  // Of the two kinds of full userdata, links hold no bytes.
  if (lua_type(L, index) != LUA_TUSERDATA || lua_rawlen(L, index) != sizeof(bridge_proxy)) return NULL;
  return lua_touserdata(L, index);
}

static const char *name_of(lua_State *L, int index) {
  bridge_proxy *proxy = to_proxy(L, index);
  if (proxy->kind == BRIDGE_KIND_CONTEXT) return "ctx";
  if (proxy->kind == BRIDGE_KIND_CELLS) return "cells";
  if (lua_getiuservalue(L, index, 1) == LUA_TSTRING) return lua_tostring(L, -1);
  return "a cell";
}

bridge_proxy *check_live(lua_State *L, int index) {
  bridge_proxy *proxy = to_proxy(L, index);
  if (proxy == NULL) {
    luaL_error(L, "a cell was expected, got %s; methods of cells are called with a colon", luaL_typename(L, index));
    return NULL;
  }
  const bridge_vm *vm = vm_of(L);
  if (proxy->generation != vm->generation)
    luaL_error(L, "`%s` was kept from an earlier event; state belongs in cells", name_of(L, index));
  if (proxy->depth != vm->depth)
    luaL_error(L, "`%s` belongs to another function that is still running", name_of(L, index));
  return proxy;
}

static void raise_reply(lua_State *L, int32_t status, int items) {
  bridge_vm *vm = vm_of(L);
  size_t code_length = 0, length = 0;
  const char *message = items > 0 ? lua_tolstring(L, -1, &length) : NULL;
  const char *code = items > 1 ? lua_tolstring(L, -2, &code_length) : NULL;
  if (message == NULL) message = "the host refused", length = strlen(message);
  if (code == NULL) code = "", code_length = 0;
  if (status == BRIDGE_REPLY_FAIL) raise_failure(L, code, code_length, message, length);
  if (status == BRIDGE_REPLY_ABORT) {
    strncpy(vm->failure.message, message, sizeof vm->failure.message - 1);
    vm->failure.message[sizeof vm->failure.message - 1] = 0;
    strncpy(vm->failure.code, code, sizeof vm->failure.code - 1);
    vm->failure.code[sizeof vm->failure.code - 1] = 0;
    cross_limit(L, BRIDGE_LIMIT_ABORT);
  }
  luaL_error(L, "%s", message);
}

/// What a crossing with so many bytes takes of the run's budgets.
static void charge_crossing(lua_State *L, size_t length) {
  bridge_vm *vm = vm_of(L);
  charge(L, 4);
  vm->crossings += 1;
  vm->output_used += length;
  if (vm->output_max != 0 && vm->output_used > vm->output_max) cross_limit(L, BRIDGE_LIMIT_OUTPUT);
}

int cross(lua_State *L, uint32_t operation, uint32_t node, bridge_buffer *buffer, int named_by) {
  bridge_vm *vm = vm_of(L);
  charge_crossing(L, buffer->length);
  bridge_reply reply = {NULL, 0};
  lua_State *outer = vm->current;
  vm->current = L;
  int32_t status = vm->host(vm->context, operation, node, buffer->bytes, buffer->length, &reply);
  vm->current = outer;
  vm->time_charge += CROSSING_TIME + reply.length / 16; // the host may have worked for long
  charge(L, 0);
  if (vm->crossed != BRIDGE_LIMIT_NONE) cross_limit(L, vm->crossed);
  const uint8_t *cursor = reply.bytes, *end = reply.bytes + reply.length;
  int items = 0;
  for (; cursor < end; items += 1) decode(L, &cursor, end, named_by);
  if (status != BRIDGE_REPLY_OK) raise_reply(L, status, items);
  return items;
}

/// One item, nil when the host sent none.
static int cross_for_one(lua_State *L, uint32_t operation, uint32_t node, bridge_buffer *buffer, int named_by) {
  if (cross(L, operation, node, buffer, named_by) == 0) lua_pushnil(L);
  return 1;
}

static void encode_key(lua_State *L, bridge_buffer *buffer) {
  if (lua_type(L, 2) == LUA_TNUMBER) {
    int whole;
    lua_Integer number = lua_tointegerx(L, 2, &whole);
    if (!whole) luaL_error(L, "a cell is indexed with names and whole numbers, not with %f", lua_tonumber(L, 2));
    lua_pushinteger(L, number);
    encode(L, -1, buffer, ENCODE_DATA);
    lua_pop(L, 1);
  } else if (lua_type(L, 2) == LUA_TSTRING) {
    encode(L, 2, buffer, ENCODE_DATA);
  } else {
    luaL_error(L, "a cell is indexed with names and whole numbers, not with a %s", luaL_typename(L, 2));
  }
}

/// With `cells` and a name at 1 and 2, the table of roots at 3 and the proxy of the named cell at the top: keeps the proxy there.
static void keep_root(lua_State *L, const bridge_proxy *cells) {
  ((bridge_proxy *)lua_touserdata(L, -1))->root = cells->node;
  lua_pushvalue(L, 2);
  lua_pushvalue(L, -2);
  lua_rawset(L, 3);
}

/// Root cells are asked for once per run: `cells.messages` again is the same proxy without a crossing. Lasting ones are
/// asked for once per VM; each run has proxies of its own and is charged as if it had asked, so that a new VM does the same.
/// Leaves the table of roots at 3; pushes the proxy if it is known.
static bool push_known_root(lua_State *L, const bridge_proxy *cells) {
  push_slot(L, SLOT_ROOTS);
  lua_pushvalue(L, 2);
  if (lua_rawget(L, -2) == LUA_TUSERDATA) {
    bridge_proxy *found = lua_touserdata(L, -1);
    if (found->generation == cells->generation && found->root == cells->node) return true;
    if (cells->has_lasting && found->node >= BRIDGE_NODE_LASTING) {
      charge_crossing(L, 5 + lua_rawlen(L, 2)); // tag, length and bytes of the name
      push_proxy(L, found->node, found->kind, 2);
      keep_root(L, cells);
      return true;
    }
  }
  lua_settop(L, 3);
  return false;
}

static int proxy_index(lua_State *L) {
  bridge_proxy *proxy = check_live(L, 1);
  if (proxy->kind == BRIDGE_KIND_CONTEXT) return context_index(L);
  bool named = lua_type(L, 2) == LUA_TSTRING;
  if (named && proxy->kind != BRIDGE_KIND_CELLS) {
    lua_pushvalue(L, 2);
    if (lua_rawget(L, lua_upvalueindex(proxy->kind)) != LUA_TNIL) return 1;
    lua_pop(L, 1);
  }
  bool root = named && proxy->kind == BRIDGE_KIND_CELLS;
  if (root && push_known_root(L, proxy)) return 1;
  bridge_buffer *buffer = begin_encoding(vm_of(L));
  encode_key(L, buffer);
  int items = cross(L, BRIDGE_OP_CHILD, proxy->node, buffer, root ? 2 : 1);
  if (items == 0) lua_pushnil(L);
  lua_settop(L, root ? 4 : 3); // a second item says that a link led there: it may lead elsewhere the next time
  if (root && items == 1 && to_proxy(L, -1) != NULL) keep_root(L, proxy);
  note_place(L, proxy->node, 2);
  return 1;
}

/// A root cell that held a link may lead elsewhere from now on; a lasting one is where it was.
static void forget_root(lua_State *L) {
  push_slot(L, SLOT_ROOTS);
  lua_pushvalue(L, 2);
  bool found = lua_rawget(L, -2) == LUA_TUSERDATA;
  if (found && ((bridge_proxy *)lua_touserdata(L, -1))->node < BRIDGE_NODE_LASTING) {
    lua_pushvalue(L, 2);
    lua_pushnil(L);
    lua_rawset(L, -4);
  }
  lua_pop(L, 2);
}

static int proxy_newindex(lua_State *L) {
  bridge_proxy *proxy = check_live(L, 1);
  if (proxy->kind == BRIDGE_KIND_CONTEXT) return luaL_error(L, "ctx is read-only; state belongs in cells");
  bridge_buffer *buffer = begin_encoding(vm_of(L));
  encode_key(L, buffer);
  vm_of(L)->receiver = BRIDGE_RECEIVER_FIELD;
  encode(L, 3, buffer, ENCODE_DATA);
  if (proxy->kind == BRIDGE_KIND_CELLS) forget_root(L);
  cross(L, BRIDGE_OP_ASSIGN, proxy->node, buffer, 0);
  return 0;
}

static int proxy_len(lua_State *L) {
  bridge_proxy *proxy = check_live(L, 1);
  if (proxy->kind == BRIDGE_KIND_CONTEXT) return luaL_error(L, "ctx has no length");
  return cross_for_one(L, BRIDGE_OP_LENGTH, proxy->node, begin_encoding(vm_of(L)), 0);
}

static int proxy_eq(lua_State *L) {
  bridge_proxy *one = to_proxy(L, 1), *other = to_proxy(L, 2);
  if (one == NULL || other == NULL || one->kind != other->kind || one->kind == BRIDGE_KIND_CONTEXT) {
    lua_pushboolean(L, 0);
    return 1;
  }
  check_live(L, 1);
  check_live(L, 2);
  if (one->node == other->node) {
    lua_pushboolean(L, 1);
    return 1;
  }
  bridge_buffer *buffer = begin_encoding(vm_of(L));
  encode(L, 2, buffer, ENCODE_DATA);
  return cross_for_one(L, BRIDGE_OP_SAME, one->node, buffer, 0);
}

static int proxy_tostring(lua_State *L) {
  bridge_proxy *proxy = to_proxy(L, 1);
  if (proxy == NULL || proxy->generation != vm_of(L)->generation || proxy->kind == BRIDGE_KIND_CONTEXT
      || proxy->kind == BRIDGE_KIND_CELLS) {
    lua_pushstring(L, proxy == NULL ? "cell" : name_of(L, 1));
    return 1;
  }
  return cross_for_one(L, BRIDGE_OP_DESCRIBE, proxy->node, begin_encoding(vm_of(L)), 0);
}

/// Replaces the proxy at `index` by the plain value of its cell.
static void read_operand(lua_State *L, int index, const char *what) {
  if (to_proxy(L, index) == NULL) return;
  bridge_proxy *proxy = check_live(L, index);
  if (proxy->kind == BRIDGE_KIND_SCALAR) {
    cross_for_one(L, BRIDGE_OP_GET, proxy->node, begin_encoding(vm_of(L)), index);
    if (lua_type(L, -1) != LUA_TUSERDATA) {
      lua_replace(L, index);
      return;
    }
  }
  luaL_error(L, "attempt to %s `%s`, which is not a plain value", what, name_of(L, index));
}

static int proxy_arithmetic(lua_State *L) {
  int operator= (int)lua_tointeger(L, lua_upvalueindex(1));
  lua_settop(L, 2);
  read_operand(L, 1, "compute with");
  read_operand(L, 2, "compute with");
  if (operator== LUA_OPUNM || operator== LUA_OPBNOT) lua_settop(L, 1);
  lua_arith(L, operator);
  return 1;
}

static int proxy_compare(lua_State *L) {
  lua_settop(L, 2);
  read_operand(L, 1, "compare");
  read_operand(L, 2, "compare");
  lua_pushboolean(L, lua_compare(L, 1, 2, (int)lua_tointeger(L, lua_upvalueindex(1))));
  return 1;
}

static int proxy_concat(lua_State *L) {
  lua_settop(L, 2);
  read_operand(L, 1, "concatenate");
  read_operand(L, 2, "concatenate");
  lua_concat(L, 2);
  return 1;
}

int proxy_keys(lua_State *L) {
  bridge_proxy *proxy = check_live(L, 1);
  if (proxy->kind == BRIDGE_KIND_CONTEXT) return luaL_error(L, "ctx cannot be walked with pairs");
  cross_for_one(L, BRIDGE_OP_KEYS, proxy->node, begin_encoding(vm_of(L)), 0);
  if (!lua_istable(L, -1)) return luaL_error(L, "the host's reply is no list of keys");
  return 1;
}

int proxy_child(lua_State *L, int index) {
  bridge_proxy *proxy = check_live(L, index);
  bridge_buffer *buffer = begin_encoding(vm_of(L));
  encode(L, -1, buffer, ENCODE_DATA);
  int key = lua_gettop(L);
  cross_for_one(L, BRIDGE_OP_CHILD, proxy->node, buffer, key);
  lua_settop(L, key + 1); // what follows says only that the answer is not to be remembered
  lua_remove(L, key);
  return lua_type(L, -1);
}

static void set_operators(lua_State *L) {
  static const struct { const char *name; int operator; } arithmetic[] = {
    {"__add", LUA_OPADD},   {"__sub", LUA_OPSUB}, {"__mul", LUA_OPMUL}, {"__div", LUA_OPDIV}, {"__mod", LUA_OPMOD},
    {"__idiv", LUA_OPIDIV}, {"__pow", LUA_OPPOW}, {"__unm", LUA_OPUNM}, {NULL, 0},
  };
  for (int index = 0; arithmetic[index].name != NULL; index += 1) {
    lua_pushinteger(L, arithmetic[index].operator);
    lua_pushcclosure(L, proxy_arithmetic, 1);
    lua_setfield(L, -2, arithmetic[index].name);
  }
  lua_pushinteger(L, LUA_OPLT);
  lua_pushcclosure(L, proxy_compare, 1);
  lua_setfield(L, -2, "__lt");
  lua_pushinteger(L, LUA_OPLE);
  lua_pushcclosure(L, proxy_compare, 1);
  lua_setfield(L, -2, "__le");
}

void register_proxies(lua_State *L) {
  static const luaL_Reg functions[] = {
    {"__newindex", proxy_newindex}, {"__len", proxy_len},       {"__eq", proxy_eq},
    {"__tostring", proxy_tostring}, {"__concat", proxy_concat}, {NULL, NULL},
  };
  lua_createtable(L, 0, 20);
  luaL_setfuncs(L, functions, 0);
  set_operators(L);
  lua_pushliteral(L, "cell");
  lua_setfield(L, -2, "__name");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  push_slot(L, SLOT_METHODS);
  int methods = lua_gettop(L);
  for (int kind = 1; kind < BRIDGE_KIND_COUNT; kind += 1) lua_rawgeti(L, methods, kind);
  lua_pushcclosure(L, proxy_index, BRIDGE_KIND_COUNT - 1);
  lua_setfield(L, -3, "__index");
  lua_pop(L, 1);
  set_slot(L, SLOT_PROXY);
  lua_createtable(L, 0, 8);
  set_slot(L, SLOT_ROOTS);
}
