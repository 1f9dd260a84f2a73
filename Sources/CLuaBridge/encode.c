/// Lua values to flat bytes. Whatever cannot be stored is refused with the path at which it was met.
#include "internal.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

/// One step of the path to the value being written, for error texts; `key` is NULL for a list index.
typedef struct path_step {
  const char *key;
  lua_Integer index;
} path_step;

typedef struct encoder {
  lua_State *L;
  bridge_buffer *buffer;
  enum encode_mode mode;
  int depth;
  const void *ancestors[BRIDGE_DEPTH_OF_DATA_MAX];
  path_step path[BRIDGE_DEPTH_OF_DATA_MAX];
} encoder;

bridge_buffer *begin_encoding(bridge_vm *vm) {
  bridge_buffer *buffer = &vm->buffers[vm->depth];
  buffer->length = 0;
  vm->receiver = BRIDGE_RECEIVER_NONE;
  return buffer;
}

void reserve_bytes(lua_State *L, bridge_buffer *buffer, size_t more) {
  if (more <= buffer->capacity - buffer->length) return;
  bridge_vm *vm = vm_of(L);
  size_t needed = buffer->length + more;
  if (vm->output_max != 0 && vm->output_used + needed > vm->output_max) cross_limit(L, BRIDGE_LIMIT_OUTPUT);
  size_t capacity = buffer->capacity < 512 ? 512 : buffer->capacity;
  while (capacity < needed) capacity *= 2;
  uint8_t *moved = bridge_allocate(vm, buffer->bytes, buffer->capacity, capacity);
  if (moved == NULL) cross_memory(L);
  buffer->bytes = moved;
  buffer->capacity = capacity;
}

static void put(encoder *e, uint8_t tag, const void *payload, size_t length) {
  reserve_bytes(e->L, e->buffer, length + 1);
  uint8_t *target = e->buffer->bytes + e->buffer->length;
  target[0] = tag;
  if (length > 0) memcpy(target + 1, payload, length);
  e->buffer->length += length + 1;
}

static void put_text(encoder *e, const char *text, size_t length) {
  reserve_bytes(e->L, e->buffer, length + 4);
  uint8_t *target = e->buffer->bytes + e->buffer->length;
  uint32_t count = (uint32_t)length;
  memcpy(target, &count, 4);
  memcpy(target + 4, text, length);
  e->buffer->length += length + 4;
}

/// Rows: the least and most of the second byte by the first; after Unicode's table of well-formed sequences.
static int sequence_length(const unsigned char *text, size_t left) {
  unsigned char lead = text[0], low = 0x80, high = 0xBF;
  int length = lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
  if (length == 0 || (size_t)length > left) return 0;
  if (lead == 0xE0) low = 0xA0;
  if (lead == 0xED) high = 0x9F;
  if (lead == 0xF0) low = 0x90;
  if (lead == 0xF4) high = 0x8F;
  if (text[1] < low || text[1] > high) return 0;
  for (int index = 2; index < length; index += 1)
    if ((text[index] & 0xC0) != 0x80) return 0;
  return length;
}

bool is_utf8(const char *text, size_t length) {
  const unsigned char *bytes = (const unsigned char *)text;
  size_t at = 0;
  while (at < length) {
    uint64_t word;
    if (length - at >= 8 && (memcpy(&word, bytes + at, 8), (word & 0x8080808080808080u) == 0)) {
      at += 8;
    } else if (bytes[at] < 0x80) {
      at += 1;
    } else {
      int step = sequence_length(bytes + at, length - at);
      if (step == 0) return false;
      at += (size_t)step;
    }
  }
  return true;
}

/// Pushes "messages/3/text: " for the place that the value was meant for; nothing when it was for none.
static void push_receiver(lua_State *L, bridge_vm *vm) {
  enum bridge_receiver receiver = vm->receiver;
  bridge_proxy *proxy = receiver == BRIDGE_RECEIVER_NONE ? NULL : to_proxy(L, 1);
  lua_pushliteral(L, "");
  if (proxy == NULL) return;
  luaL_checkstack(L, 8, NULL);
  int base = lua_gettop(L);
  if (proxy->kind != BRIDGE_KIND_CELLS) cross(L, BRIDGE_OP_DESCRIBE, proxy->node, begin_encoding(vm), 0);
  if (receiver == BRIDGE_RECEIVER_FIELD) {
    if (proxy->kind != BRIDGE_KIND_CELLS) lua_pushliteral(L, "/");
    lua_pushvalue(L, 2);
  }
  lua_pushliteral(L, ": ");
  lua_concat(L, lua_gettop(L) - base);
}

static int refuse(encoder *e, const char *what) {
  char path[512];
  size_t used = 0;
  for (int index = 0; index < e->depth && used < sizeof path - 64; index += 1) {
    path_step *step = &e->path[index];
    int wrote = step->key == NULL ? snprintf(path + used, 64, "[%lld]", (long long)step->index)
                                  : snprintf(path + used, 64, used == 0 ? "%.60s" : ".%.60s", step->key);
    used += wrote < 0 ? 0 : wrote > 63 ? 63 : (size_t)wrote;
  }
  path[used] = 0;
  push_receiver(e->L, vm_of(e->L));
  const char *receiver = lua_tostring(e->L, -1);
  if (used == 0) return luaL_error(e->L, "%sthe value %s", receiver, what);
  return luaL_error(e->L, "%sthe value at %s %s", receiver, path, what);
}

static void put_string(encoder *e, int index) {
  size_t length;
  const char *text = lua_tolstring(e->L, index, &length);
  if (length > UINT32_MAX) refuse(e, "is too long");
  if (!is_utf8(text, length)) refuse(e, "is not valid UTF-8");
  reserve_bytes(e->L, e->buffer, length + 5);
  e->buffer->bytes[e->buffer->length++] = BRIDGE_TAG_STRING;
  put_text(e, text, length);
}

static void put_number(encoder *e, int index) {
  if (lua_isinteger(e->L, index)) {
    int64_t number = lua_tointeger(e->L, index);
    put(e, BRIDGE_TAG_INTEGER, &number, 8);
    return;
  }
  double number = lua_tonumber(e->L, index);
  if (isnan(number)) refuse(e, "is not a number (NaN)");
  if (isinf(number)) refuse(e, "is infinite");
  put(e, BRIDGE_TAG_DOUBLE, &number, 8);
}

static void put_function(encoder *e, int index) {
  if (e->mode != ENCODE_DECLARATION) refuse(e, "is a function; functions cannot be stored");
  bridge_vm *vm = vm_of(e->L);
  index = lua_absindex(e->L, index);
  luaL_checkstack(e->L, 4, NULL);
  push_slot(e->L, SLOT_FUNCTIONS);
  lua_pushvalue(e->L, index);
  uint32_t handle = vm->functions + 1;
  lua_rawseti(e->L, -2, handle);
  vm->functions = handle;
  lua_pop(e->L, 1);
  put(e, BRIDGE_TAG_FUNCTION, &handle, 4);
}

static void put_userdata(encoder *e, int index) {
  lua_State *L = e->L;
  index = lua_absindex(L, index);
  if (!lua_getmetatable(L, index)) refuse(e, "is a userdata");
  push_slot(L, SLOT_LINK);
  bool link = lua_rawequal(L, -1, -2);
  lua_pop(L, 2);
  if (link) {
    lua_getiuservalue(L, index, 1);
    size_t length;
    const char *text = lua_tolstring(L, -1, &length);
    reserve_bytes(L, e->buffer, length + 5);
    e->buffer->bytes[e->buffer->length++] = BRIDGE_TAG_LINK;
    put_text(e, text, length);
    lua_pop(L, 1);
    return;
  }
  bridge_proxy *proxy = check_live(L, index);
  if (proxy->kind == BRIDGE_KIND_CONTEXT) refuse(e, "is the ctx of this run, which cannot be stored");
  uint8_t payload[5];
  memcpy(payload, &proxy->node, 4);
  payload[4] = proxy->kind;
  put(e, BRIDGE_TAG_NODE, payload, 5);
}

static void put_value(encoder *e, int index);

static void enter(encoder *e, const void *table) {
  for (int index = 0; index < e->depth; index += 1)
    if (e->ancestors[index] == table) refuse(e, "is cyclic: it contains itself");
  if (e->depth == BRIDGE_DEPTH_OF_DATA_MAX) refuse(e, "is nested more than 128 levels deep");
  e->ancestors[e->depth] = table;
  e->depth += 1;
  charge(e->L, 1);
  luaL_checkstack(e->L, 8, "value is nested too deep");
}

static void put_list(encoder *e, int index, lua_Integer count) {
  uint32_t length = (uint32_t)count;
  put(e, BRIDGE_TAG_LIST, &length, 4);
  for (lua_Integer item = 1; item <= count; item += 1) {
    e->path[e->depth - 1] = (path_step){NULL, item};
    if (lua_rawgeti(e->L, index, item) == LUA_TNIL) refuse(e, "is missing: the list has a hole");
    put_value(e, -1);
    lua_pop(e->L, 1);
  }
  charge(e->L, (uint64_t)count);
}

/// With the first key and its value at the top.
static void put_fields(encoder *e, int index) {
  lua_State *L = e->L;
  uint32_t count = 0;
  put(e, BRIDGE_TAG_OBJECT, &count, 4);
  size_t at = e->buffer->length - 4;
  do {
    if (lua_type(L, -2) != LUA_TSTRING) {
      e->depth -= 1;
      refuse(e, lua_type(L, -2) == LUA_TNUMBER ? "mixes list items and named fields, or is a list with a hole"
                                               : "has a key that is not a string");
    }
    size_t length;
    const char *key = lua_tolstring(L, -2, &length);
    e->path[e->depth - 1] = (path_step){key, 0};
    if (!is_utf8(key, length)) refuse(e, "has a key that is not valid UTF-8");
    put_text(e, key, length);
    put_value(e, -1);
    lua_pop(L, 1);
    count += 1;
    charge(L, 1);
  } while (lua_next(L, index));
  memcpy(e->buffer->bytes + at, &count, 4);
}

static bool is_marked_list(lua_State *L, int index) {
  if (!lua_getmetatable(L, index)) return false;
  push_slot(L, SLOT_LIST);
  bool marked = lua_rawequal(L, -1, -2);
  lua_pop(L, 2);
  return marked;
}

static void put_table(encoder *e, int index) {
  lua_State *L = e->L;
  index = lua_absindex(L, index);
  enter(e, lua_topointer(L, index));
  bool marked = is_marked_list(L, index);
  push_content(L, index);
  int content = lua_gettop(L);
  lua_Integer count = (lua_Integer)lua_rawlen(L, content);
  lua_pushnil(L);
  if (!lua_next(L, content)) {
    uint32_t none = 0;
    if (marked) put(e, BRIDGE_TAG_LIST, &none, 4);
    else put(e, BRIDGE_TAG_EMPTY, NULL, 0);
  } else {
    if (count > 0 && lua_type(L, -2) == LUA_TNUMBER) {
      lua_pop(L, 2);
      // A list has exactly the keys 1 to count: what lua_next yields after the last index must be the end.
      lua_Integer keys = 0;
      for (lua_pushnil(L); lua_next(L, content); lua_pop(L, 1)) {
        keys += 1;
        charge(L, 1);
      }
      if (keys != count) {
        e->depth -= 1;
        refuse(e, "mixes list items and named fields, or is a list with a hole");
      }
      put_list(e, content, count);
    } else {
      put_fields(e, content);
    }
  }
  lua_settop(L, content - 1);
  e->depth -= 1;
}

static void put_value(encoder *e, int index) {
  lua_State *L = e->L;
  switch (lua_type(L, index)) {
  case LUA_TNIL: put(e, BRIDGE_TAG_ABSENT, NULL, 0); break;
  case LUA_TBOOLEAN: put(e, lua_toboolean(L, index) ? BRIDGE_TAG_TRUE : BRIDGE_TAG_FALSE, NULL, 0); break;
  case LUA_TNUMBER: put_number(e, index); break;
  case LUA_TSTRING: put_string(e, index); break;
  case LUA_TTABLE: put_table(e, index); break;
  case LUA_TFUNCTION: put_function(e, index); break;
  case LUA_TUSERDATA: put_userdata(e, index); break;
  case LUA_TLIGHTUSERDATA:
    if (!is_null(L, index)) refuse(e, "is a pointer");
    put(e, BRIDGE_TAG_NULL, NULL, 0);
    break;
  default: refuse(e, "is a coroutine; coroutines cannot be stored");
  }
}

void encode(lua_State *L, int index, bridge_buffer *buffer, enum encode_mode mode) {
  encoder e;
  e.L = L;
  e.buffer = buffer;
  e.mode = mode;
  e.depth = 0;
  put_value(&e, lua_absindex(L, index));
}
