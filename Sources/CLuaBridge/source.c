/// From source text to modules. Text only: byte code is refused.
#include "internal.h"
#include <string.h>

/// How much of a source the compiler gets at once.
#define PIECE_BYTES 4096

int run_module(lua_State *L, const char *name);

/// A recipe may not name `_ENV`: it has no use in a sandbox, and compilers of old patch levels mistook it.
static void refuse_environment(lua_State *L, const bridge_request *request) {
  int line = 1;
  for (size_t at = 0; at + 4 <= request->length; at += 1) {
    if (request->text[at] == '\n') line += 1;
    if (memcmp(request->text + at, "_ENV", 4) == 0)
      luaL_error(L, "%s:%d: _ENV is not available in recipes", request->path, line);
  }
}

/// Hands the source to the compiler in pieces: no hook watches over it, and what it does with a label or a jump grows with
/// all that came before.
static const char *next_piece(lua_State *L, void *data, size_t *length) {
  bridge_request *request = data;
  if (request->deadline != 0 && monotonic_now() > request->deadline)
    luaL_error(L, "%s: compiling takes too long", request->path);
  const char *piece = request->text;
  *length = request->length < PIECE_BYTES ? request->length : PIECE_BYTES;
  request->text += *length;
  request->length -= *length;
  return *length == 0 ? NULL : piece;
}

static int add_module(lua_State *L) {
  bridge_request *request = lua_touserdata(L, 1);
  const char *name = lua_pushfstring(L, request->trusted ? "=%s" : "@%s", request->path);
  request->syntax = true;
  if (!request->trusted) refuse_environment(L, request);
  if (lua_load(L, next_piece, request, name, "t") != LUA_OK) return lua_error(L);
  push_slot(L, SLOT_ENVIRONMENT);
  lua_setupvalue(L, -2, 1);
  push_slot(L, SLOT_MODULES);
  lua_pushvalue(L, -2);
  lua_setfield(L, -2, request->name);
  request->syntax = false;
  return 0;
}

void bridge_add_module(bridge_vm *vm, const char *name, const char *path, const char *text, size_t length,
                       bool trusted, uint64_t nanoseconds, bridge_outcome *outcome) {
  clear_outcome(vm, outcome);
  bridge_request request = {.vm = vm, .name = name, .path = path, .text = text, .length = length, .trusted = trusted,
                     .deadline = nanoseconds == 0 ? 0 : monotonic_now() + nanoseconds, .outcome = outcome};
  enter_vm(vm, add_module, &request);
}

static int add_globals(lua_State *L) {
  bridge_request *request = lua_touserdata(L, 1);
  push_slot(L, SLOT_MODULES);
  lua_getfield(L, -1, request->name);
  run_module(L, request->name);
  luaL_checktype(L, -1, LUA_TTABLE);
  push_slot(L, SLOT_GLOBALS);
  for (lua_pushnil(L); lua_next(L, -3);) {
    lua_pushvalue(L, -2);
    lua_insert(L, -2);
    lua_rawset(L, -4);
  }
  return 0;
}

void bridge_add_globals(bridge_vm *vm, const char *name, bridge_outcome *outcome) {
  clear_outcome(vm, outcome);
  bridge_request request = {.vm = vm, .name = name, .outcome = outcome};
  vm->loading = true;
  enter_vm(vm, add_globals, &request);
  vm->loading = false;
}
