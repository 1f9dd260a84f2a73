/// Flat bytes to Lua values. The bytes come from our own Swift code; they are still checked, so that a mistake there is
/// an error with a text and never a read past the end.
#include "internal.h"
#include <string.h>

char null_key;

bool is_null(lua_State *L, int index) { return lua_touserdata(L, index) == (void *)&null_key; }

static const uint8_t *take(lua_State *L, const uint8_t **cursor, const uint8_t *end, size_t length) {
  if ((size_t)(end - *cursor) < length) luaL_error(L, "the host's reply is cut short");
  const uint8_t *at = *cursor;
  *cursor += length;
  return at;
}

static uint32_t take_u32(lua_State *L, const uint8_t **cursor, const uint8_t *end) {
  uint32_t number;
  memcpy(&number, take(L, cursor, end, 4), 4);
  return number;
}

static void push_text(lua_State *L, const uint8_t **cursor, const uint8_t *end) {
  uint32_t length = take_u32(L, cursor, end);
  lua_pushlstring(L, (const char *)take(L, cursor, end, length), length);
}

static void push_list(lua_State *L, const uint8_t **cursor, const uint8_t *end, int named_by) {
  uint32_t count = take_u32(L, cursor, end);
  if (count > (size_t)(end - *cursor)) luaL_error(L, "the host's reply is cut short");
  lua_createtable(L, (int)count, 0);
  for (uint32_t item = 1; item <= count; item += 1) {
    decode(L, cursor, end, named_by);
    lua_rawseti(L, -2, item);
  }
  push_slot(L, SLOT_LIST);
  lua_setmetatable(L, -2);
}

static void push_object(lua_State *L, const uint8_t **cursor, const uint8_t *end, int named_by) {
  uint32_t count = take_u32(L, cursor, end);
  if (count > (size_t)(end - *cursor)) luaL_error(L, "the host's reply is cut short");
  bridge_vm *vm = vm_of(L);
  vm->fields_expected = count;
  lua_createtable(L, 0, (int)count);
  vm->fields_expected = 0;
  for (uint32_t item = 0; item < count; item += 1) {
    push_text(L, cursor, end);
    decode(L, cursor, end, named_by);
    lua_rawset(L, -3);
  }
}

static void push_link(lua_State *L, const uint8_t **cursor, const uint8_t *end) {
  lua_newuserdatauv(L, 0, 1);
  push_text(L, cursor, end);
  lua_setiuservalue(L, -2, 1);
  push_slot(L, SLOT_LINK);
  lua_setmetatable(L, -2);
}

void decode_argument(lua_State *L, const uint8_t **cursor, const uint8_t *end) {
  uint8_t tag = **cursor;
  if (tag != BRIDGE_TAG_CONTEXT && tag != BRIDGE_TAG_CELLS) {
    decode(L, cursor, end, 0);
    return;
  }
  bridge_vm *vm = vm_of(L);
  luaL_checkstack(L, 6, NULL);
  *cursor += 1;
  if (tag == BRIDGE_TAG_CELLS) {
    push_proxy(L, take_u32(L, cursor, end), BRIDGE_KIND_CELLS, 0);
    to_proxy(L, -1)->has_lasting = true;
    return;
  }
  uint32_t length = take_u32(L, cursor, end);
  vm->fields = take(L, cursor, end, length);
  vm->fields_length = length;
  push_proxy(L, vm->depth, BRIDGE_KIND_CONTEXT, 0);
}

void decode(lua_State *L, const uint8_t **cursor, const uint8_t *end, int named_by) {
  luaL_checkstack(L, 6, "value is nested too deep");
  uint8_t tag = *take(L, cursor, end, 1);
  switch (tag) {
  case BRIDGE_TAG_ABSENT: lua_pushnil(L); break;
  case BRIDGE_TAG_NULL: lua_pushlightuserdata(L, &null_key); break;
  case BRIDGE_TAG_FALSE: lua_pushboolean(L, 0); break;
  case BRIDGE_TAG_TRUE: lua_pushboolean(L, 1); break;
  case BRIDGE_TAG_INTEGER: {
    int64_t number;
    memcpy(&number, take(L, cursor, end, 8), 8);
    lua_pushinteger(L, number);
    break;
  }
  case BRIDGE_TAG_DOUBLE: {
    double number;
    memcpy(&number, take(L, cursor, end, 8), 8);
    lua_pushnumber(L, number);
    break;
  }
  case BRIDGE_TAG_STRING: push_text(L, cursor, end); break;
  case BRIDGE_TAG_LIST: push_list(L, cursor, end, named_by); break;
  case BRIDGE_TAG_OBJECT: push_object(L, cursor, end, named_by); break;
  case BRIDGE_TAG_NODE: {
    uint32_t node = take_u32(L, cursor, end);
    uint8_t kind = *take(L, cursor, end, 1);
    if (kind == 0 || kind >= BRIDGE_KIND_COUNT) luaL_error(L, "the host's reply has a node of the unknown kind %d", (int)kind);
    push_proxy(L, node, kind, named_by);
    break;
  }
  case BRIDGE_TAG_FUNCTION: {
    uint32_t handle = take_u32(L, cursor, end);
    push_slot(L, SLOT_FUNCTIONS);
    lua_rawgeti(L, -1, handle);
    lua_remove(L, -2);
    break;
  }
  case BRIDGE_TAG_LINK: push_link(L, cursor, end); break;
  case BRIDGE_TAG_EMPTY: lua_createtable(L, 0, 0); break;
  default: luaL_error(L, "the host's reply has the unknown tag %d", (int)tag);
  }
}

static int null_tostring(lua_State *L) {
  lua_pushliteral(L, "null");
  return 1;
}

static int link_tostring(lua_State *L) {
  if (lua_type(L, 1) != LUA_TUSERDATA || lua_getiuservalue(L, 1, 1) != LUA_TSTRING) lua_pushliteral(L, "link");
  return 1;
}

static int link_equal(lua_State *L) {
  lua_settop(L, 2);
  bool same = lua_type(L, 1) == LUA_TUSERDATA && lua_type(L, 2) == LUA_TUSERDATA
              && lua_getiuservalue(L, 1, 1) == LUA_TSTRING && lua_getiuservalue(L, 2, 1) == LUA_TSTRING
              && lua_rawequal(L, -1, -2);
  lua_pushboolean(L, same);
  return 1;
}

static void new_metatable(lua_State *L, const char *name, lua_CFunction to_string) {
  lua_createtable(L, 0, 4);
  lua_pushstring(L, name);
  lua_setfield(L, -2, "__name");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  if (to_string == NULL) return;
  lua_pushcfunction(L, to_string);
  lua_setfield(L, -2, "__tostring");
}

void register_values(lua_State *L) {
  new_metatable(L, "link", link_tostring);
  lua_pushcfunction(L, link_equal);
  lua_setfield(L, -2, "__eq");
  set_slot(L, SLOT_LINK);
  new_metatable(L, "list", NULL);
  set_slot(L, SLOT_LIST);
  lua_pushlightuserdata(L, &null_key);
  new_metatable(L, "null", null_tostring);
  lua_setmetatable(L, -2); // light userdata share one metatable, and null is the only one that recipes ever see
  lua_pop(L, 1);
}
