/// Turning whatever was raised into plain text with a position, from the stack that it was raised on.
#include "internal.h"
#include <string.h>

/// C functions that call each other without a Lua function between them: Lua allows about 200 of them.
#define STACK_LEVELS_MAX 256

static void copy_text(char *target, size_t capacity, const char *text) {
  size_t length = strlen(text);
  if (length >= capacity) {
    length = capacity - 1;
    // Never cut inside a UTF-8 sequence.
    while (length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80) length -= 1;
  }
  memcpy(target, text, length);
  target[length] = 0;
}

/// The innermost frame of a recipe's own code; trusted chunks have names that begin with '='.
static bool recipe_frame(lua_State *L, int first, lua_Debug *record) {
  for (int level = first; level < STACK_LEVELS_MAX && lua_getstack(L, level, record); level += 1) {
    lua_getinfo(L, "Sl", record);
    if (record->source[0] == '@' && record->currentline > 0) return true;
  }
  return false;
}

void note_position(lua_State *L, bridge_failure *failure) {
  lua_Debug record;
  failure->file[0] = 0;
  failure->line = 0;
  if (!recipe_frame(L, 0, &record)) return;
  copy_text(failure->file, sizeof failure->file, record.source + 1);
  failure->line = record.currentline;
}

bool bridge_caller(bridge_vm *vm, const char **file, int32_t *line) {
  lua_Debug record;
  // The innermost frame is the C function that crosses.
  if (vm->current == NULL || !recipe_frame(vm->current, 1, &record)) return false;
  *file = record.source + 1; // the source string is anchored by its function, which is on the stack
  *line = record.currentline;
  return true;
}

static bool is_failure(lua_State *L, int index) {
  if (!lua_istable(L, index) || !lua_getmetatable(L, index)) return false;
  push_slot(L, SLOT_FAILURE);
  bool same = lua_rawequal(L, -1, -2);
  lua_pop(L, 2);
  return same;
}

static void copy_field(lua_State *L, int index, const char *name, char *target, size_t capacity) {
  index = lua_absindex(L, index);
  lua_pushstring(L, name);
  lua_rawget(L, index);
  copy_text(target, capacity, lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "");
  lua_pop(L, 1);
}

/// Text for an error value, without running any of the recipe's code.
static void describe_error(lua_State *L, bridge_failure *failure) {
  int type = lua_type(L, 1);
  if (is_failure(L, 1)) {
    copy_field(L, 1, "code", failure->code, sizeof failure->code);
    copy_field(L, 1, "message", failure->message, sizeof failure->message);
  } else if (type == LUA_TSTRING || type == LUA_TNUMBER) {
    lua_pushvalue(L, 1);
    copy_text(failure->message, sizeof failure->message, lua_tostring(L, -1));
    lua_pop(L, 1);
  } else if (type == LUA_TTABLE) {
    copy_field(L, 1, "message", failure->message, sizeof failure->message);
    copy_field(L, 1, "code", failure->code, sizeof failure->code);
    if (failure->message[0] == 0) copy_text(failure->message, sizeof failure->message, "a table was raised as an error");
  } else {
    copy_text(failure->message, sizeof failure->message,
              lua_pushfstring(L, "a %s value was raised as an error", lua_typename(L, type)));
    lua_pop(L, 1);
  }
}

int note_error(lua_State *L) {
  bridge_vm *vm = vm_of(L);
  bridge_failure *failure = &vm->failure;
  lua_State *thread = lua_touserdata(L, 2);
  if (vm->crossed == BRIDGE_LIMIT_NONE) {
    failure->code[0] = 0;
    describe_error(L, failure);
    note_position(thread, failure);
  }
  luaL_traceback(L, thread, NULL, 0);
  copy_text(failure->traceback, sizeof failure->traceback, lua_tostring(L, -1));
  return 0;
}

void raise_failure(lua_State *L, const char *code, size_t code_length, const char *message, size_t message_length) {
  lua_createtable(L, 0, 2);
  lua_pushlstring(L, code, code_length);
  lua_setfield(L, -2, "code");
  lua_pushlstring(L, message, message_length);
  lua_setfield(L, -2, "message");
  push_slot(L, SLOT_FAILURE);
  lua_setmetatable(L, -2);
  lua_error(L);
}

static int failure_tostring(lua_State *L) {
  lua_pushliteral(L, "message");
  if (!lua_istable(L, 1)) return 1;
  lua_rawget(L, 1);
  return 1;
}

void register_errors(lua_State *L) {
  lua_createtable(L, 0, 3);
  lua_pushcfunction(L, failure_tostring);
  lua_setfield(L, -2, "__tostring");
  lua_pushliteral(L, "failure");
  lua_setfield(L, -2, "__name");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  set_slot(L, SLOT_FAILURE);
}
