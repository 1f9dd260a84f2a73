/// Entering a VM, protected. Each entry runs on a thread of its own and without a message handler of Lua's: an error leaves the
/// thread's stack as it was, so that text, position and traceback are taken from there once everything has unwound. So nothing
/// runs while Lua raises an error, where its stack is short: versions up to 5.4.4 overran it (CVE-2022-33099).
#include "internal.h"
#include <string.h>

static const char *limit_message(int32_t limit) {
  switch (limit) {
  case BRIDGE_LIMIT_INSTRUCTIONS: return "the instruction budget is used up";
  case BRIDGE_LIMIT_MEMORY: return "the memory budget is used up";
  case BRIDGE_LIMIT_TIME: return "the time budget is used up";
  case BRIDGE_LIMIT_OUTPUT: return "the output budget is used up";
  case BRIDGE_LIMIT_EVENT_MEMORY: return "the memory budget of one event is used up";
  case BRIDGE_LIMIT_STRING_BYTES: return "a string is longer than one may be";
  case BRIDGE_LIMIT_COROUTINES: return "there are too many coroutines that have not finished";
  case BRIDGE_LIMIT_COROUTINE_DEPTH: return "coroutines are nested too deep";
  case BRIDGE_LIMIT_PATTERN_STEPS: return "the budget of pattern matching is used up";
  case BRIDGE_LIMIT_FIELDS: return "a table has more fields than one may have";
  default: return "the run was ended";
  }
}

/// Fills the outcome from what `note_error` and `cross_limit` noted.
static void report(bridge_vm *vm, bool memory, bool syntax, bridge_outcome *outcome) {
  bridge_failure *failure = &vm->failure;
  if (memory && vm->crossed == BRIDGE_LIMIT_NONE) {
    vm->crossed = vm->refused == BRIDGE_LIMIT_NONE ? BRIDGE_LIMIT_MEMORY : vm->refused;
    vm->dead = true;
    failure->traceback[0] = 0;
  }
  outcome->limit = vm->crossed;
  if (vm->crossed == BRIDGE_LIMIT_ABORT) {
    outcome->status = BRIDGE_ABORTED;
  } else if (vm->crossed != BRIDGE_LIMIT_NONE) {
    outcome->status = BRIDGE_LIMIT;
    failure->code[0] = 0;
    strcpy(failure->message, limit_message(vm->crossed));
  } else {
    outcome->status = syntax ? BRIDGE_SYNTAX : failure->code[0] != 0 ? BRIDGE_FAILED : BRIDGE_RUNTIME;
  }
  outcome->message = failure->message;
  outcome->code = failure->code;
  outcome->traceback = failure->traceback;
  outcome->file = failure->file;
  outcome->line = failure->line;
}

void clear_outcome(bridge_vm *vm, bridge_outcome *outcome) {
  memset(outcome, 0, sizeof *outcome);
  outcome->message = outcome->code = outcome->traceback = outcome->file = "";
  if (vm->crossed != BRIDGE_LIMIT_NONE) return; // an outer run's failure is being reported
  bridge_failure *failure = &vm->failure;
  failure->message[0] = failure->code[0] = failure->traceback[0] = failure->file[0] = 0;
  failure->line = 0;
}

bool is_entry(lua_State *L) {
  const bridge_vm *vm = vm_of(L);
  for (int index = 0; index < BRIDGE_ENTRIES_MAX; index += 1)
    if (vm->threads[index] == L) return true;
  return false;
}

static int open_thread(lua_State *L) {
  bridge_vm *vm = vm_of(L);
  push_slot(L, SLOT_THREADS);
  lua_State *thread = lua_newthread(L);
  lua_rawseti(L, -2, (lua_Integer)vm->entries + 1);
  vm->threads[vm->entries] = thread;
  return 0;
}

/// The thread for the next entry; NULL when there is no memory for one.
static lua_State *next_thread(bridge_vm *vm, lua_State *from) {
  if (vm->entries == BRIDGE_ENTRIES_MAX || !lua_checkstack(from, LUA_MINSTACK)) return NULL;
  if (vm->threads[vm->entries] != NULL) return vm->threads[vm->entries];
  lua_pushcfunction(from, open_thread);
  return lua_pcall(from, 0, 0, 0) == LUA_OK ? vm->threads[vm->entries] : NULL;
}

/// Tells of the error that has ended an entry's thread, and gives the thread up: nothing may run on it again.
static void finish_failed(bridge_vm *vm, lua_State *from, lua_State *thread, int status, bridge_request *request) {
  bool memory = is_memory_error(thread, status);
  if (memory) {
    if (vm->crossed == BRIDGE_LIMIT_NONE) note_position(thread, &vm->failure);
  } else {
    lua_pushcfunction(from, note_error);
    lua_xmove(thread, from, 1);
    lua_pushlightuserdata(from, thread);
    memory = lua_pcall(from, 2, 0, 0) != LUA_OK;
  }
  report(vm, memory, request->syntax, request->outcome);
  vm->threads[vm->entries] = NULL;
  push_slot(from, SLOT_THREADS);
  lua_pushnil(from);
  lua_rawseti(from, -2, (lua_Integer)vm->entries + 1); // over a value, so it allocates nothing
}

void enter_vm(bridge_vm *vm, lua_CFunction function, bridge_request *request) {
  lua_State *from = vm->current == NULL ? vm->state : vm->current, *running = vm->running;
  int top = lua_gettop(from), results = 0;
  lua_State *thread = next_thread(vm, from);
  if (thread == NULL) {
    report(vm, true, false, request->outcome);
    lua_settop(from, top);
    return;
  }
  count_on(vm, thread);
  lua_pushcfunction(thread, function);
  lua_pushlightuserdata(thread, request);
  vm->running = thread;
  vm->entries += 1;
  int status = lua_resume(thread, from, 1, &results);
  vm->entries -= 1;
  if (status != LUA_OK) finish_failed(vm, from, thread, status, request);
  vm->running = running;
  lua_settop(from, top);
}
