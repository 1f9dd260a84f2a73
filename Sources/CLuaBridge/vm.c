/// Opening, loading, calling. Each entry pushes a C function and calls it protected; everything else happens inside.
#include "internal.h"
#include <stdlib.h>
#include <string.h>

#if LUA_VERSION_NUM != 504
#error "the bridge is made for Lua 5.4"
#endif
/// The first release of Lua 5.4 without faults that no sandbox can close off.
#define LUA_RELEASE_MIN 4

int run_module(lua_State *L, const char *name);

const char *bridge_lua(void) { return lua_ident; }

bool bridge_is_fit(const char *ident) {
  const char *release = strstr(ident, "Lua 5.4.");
  return release != NULL && atoi(release + strlen("Lua 5.4.")) >= LUA_RELEASE_MIN;
}

void set_slot(lua_State *L, int slot) { lua_rawseti(L, LUA_REGISTRYINDEX, LUA_RIDX_LAST + slot); }

static int panic(lua_State *L) {
  (void)L;
  abort(); // unreachable: every entry is protected
}

static int open_protected(lua_State *L) {
  static const int tables[] = {SLOT_FUNCTIONS, SLOT_MODULES, SLOT_LOADED, SLOT_GUARDED, SLOT_BASELINE,
                               SLOT_THREADS,   0};
  for (int index = 0; tables[index] != 0; index += 1) {
    lua_createtable(L, 0, 0);
    set_slot(L, tables[index]);
  }
  register_errors(L);
  register_values(L);
  register_methods(L);
  register_proxies(L);
  register_context(L);
  open_sandbox(L);
  return 0;
}

bridge_vm *bridge_open_failing(size_t memory_bytes, bridge_host host, void *context, int64_t fail_at) {
  bridge_vm *vm = calloc(1, sizeof *vm);
  if (vm == NULL) return NULL;
  vm->memory_max = memory_bytes;
  vm->allocations_left = fail_at;
  vm->host = host;
  vm->context = context;
  lua_State *L = lua_newstate(bridge_allocate, vm);
  if (L == NULL) {
    free_blocks(vm);
    free(vm);
    return NULL;
  }
  vm->state = L;
  lua_atpanic(L, panic);
  // Collect when the heap has grown to twice what lives, as Lua does by itself: one that grows further is collected less
  // often, but does not stay in the processor's caches.
  lua_gc(L, LUA_GCINC, 200, 0, 0);
  *(bridge_vm **)lua_getextraspace(L) = vm;
  lua_pushcfunction(L, open_protected);
  if (lua_pcall(L, 0, 0, 0) != LUA_OK) {
    bridge_close(vm);
    return NULL;
  }
  return vm;
}

bridge_vm *bridge_open(size_t memory_bytes, bridge_host host, void *context) {
  return bridge_open_failing(memory_bytes, host, context, -1);
}

void bridge_close(bridge_vm *vm) {
  if (vm == NULL) return;
  vm->running = NULL;
  lua_State *L = vm->state;
  vm->state = NULL;
  lua_close(L);
  for (int index = 0; index <= BRIDGE_DEPTH_MAX; index += 1)
    bridge_allocate(vm, vm->buffers[index].bytes, vm->buffers[index].capacity, 0);
  bridge_allocate(vm, vm->guarded, vm->guarded_capacity * sizeof *vm->guarded, 0);
  free_blocks(vm);
  note_leak(vm);
  free(vm);
}

/// One large event must not keep its buffers for good.
static void shrink_buffers(bridge_vm *vm) {
  for (int index = 0; index <= BRIDGE_DEPTH_MAX; index += 1) {
    bridge_buffer *buffer = &vm->buffers[index];
    if (buffer->capacity <= 1u << 20) continue;
    bridge_allocate(vm, buffer->bytes, buffer->capacity, 0);
    *buffer = (bridge_buffer){NULL, 0, 0};
  }
}

static void finish_run(bridge_vm *vm, uint32_t depth) {
  vm->depth = depth;
  if (depth != 0) return;
  end_counting(vm);
  if (vm->crossed == BRIDGE_LIMIT_ABORT) vm->crossed = BRIDGE_LIMIT_NONE;
}

static bool begin_run(bridge_vm *vm, const bridge_run *run, const bridge_budget *budget, bridge_outcome *outcome) {
  clear_outcome(vm, outcome);
  if (vm->dead || vm->crossed != BRIDGE_LIMIT_NONE || vm->depth == BRIDGE_DEPTH_MAX) {
    outcome->status = vm->dead ? BRIDGE_DEAD : BRIDGE_RUNTIME;
    outcome->message = vm->dead ? "this VM crossed a limit and may not run again" : "calls are nested too deep";
    return false;
  }
  vm->depth += 1;
  if (vm->depth > 1) return true;
  shrink_buffers(vm);
  vm->generation += 1;
  vm->now = run->now;
  vm->fields = NULL;
  seed_random(vm->random, run->seed);
  if (!run->continues) begin_budget(vm, budget);
  begin_counting(vm);
  return true;
}

static void hand_over(lua_State *L, bridge_request *request, enum encode_mode mode) {
  bridge_vm *vm = request->vm;
  // One past the depth of the run: the buffers of the runs beneath are in use.
  bridge_buffer *buffer = &vm->buffers[vm->depth];
  buffer->length = 0;
  encode(L, -1, buffer, mode);
  vm->output_used += mode == ENCODE_RESULT ? buffer->length : 0;
  if (vm->output_max != 0 && vm->output_used > vm->output_max) cross_limit(L, BRIDGE_LIMIT_OUTPUT);
  request->outcome->bytes = buffer->bytes;
  request->outcome->length = buffer->length;
}

static int load_main(lua_State *L) {
  bridge_request *request = lua_touserdata(L, 1);
  push_slot(L, SLOT_MODULES);
  if (lua_getfield(L, -1, request->name) != LUA_TFUNCTION)
    return luaL_error(L, "there is no module '%s'", request->name);
  run_module(L, request->name);
  hand_over(L, request, ENCODE_DECLARATION);
  freeze_reachable(L);
  return 0;
}

void bridge_load(bridge_vm *vm, const char *name, const bridge_run *run, const bridge_budget *budget,
                 bridge_outcome *outcome) {
  if (!begin_run(vm, run, budget, outcome)) return;
  bridge_request request = {.vm = vm, .name = name, .outcome = outcome};
  vm->loading = true;
  enter_vm(vm, load_main, &request);
  vm->loading = false;
  finish_run(vm, vm->depth - 1);
}

static int call_function(lua_State *L) {
  bridge_request *request = lua_touserdata(L, 1);
  push_slot(L, SLOT_FUNCTIONS);
  if (lua_rawgeti(L, -1, request->handle) != LUA_TFUNCTION)
    return luaL_error(L, "there is no function with the handle %d", (int)request->handle);
  const uint8_t *cursor = request->bytes, *end = request->bytes + request->length;
  int arguments = 0;
  for (; cursor < end; arguments += 1) decode_argument(L, &cursor, end);
  lua_call(L, arguments, 1);
  if (request->vm->depth == 1) check_upvalues(L, true);
  hand_over(L, request, ENCODE_RESULT);
  return 0;
}

static int restore_upvalues(lua_State *L) {
  check_upvalues(L, false);
  return 0;
}

void bridge_call(bridge_vm *vm, uint32_t handle, const uint8_t *bytes, size_t length, const bridge_run *run,
                 const bridge_budget *budget, bridge_outcome *outcome) {
  const uint8_t *fields = vm->fields;
  size_t fields_length = vm->fields_length;
  if (!begin_run(vm, run, budget, outcome)) return;
  bridge_request request = {.vm = vm, .handle = handle, .bytes = bytes, .length = length, .outcome = outcome};
  enter_vm(vm, call_function, &request);
  if (vm->depth == 1 && outcome->status != BRIDGE_OK && !vm->dead) {
    // A failed run may have changed shared variables too; what it left must not reach the next one.
    vm->running = vm->state;
    lua_pushcfunction(vm->state, restore_upvalues);
    if (lua_pcall(vm->state, 0, 0, 0) != LUA_OK) {
      vm->dead = true;
      lua_settop(vm->state, 0);
    }
    vm->running = NULL;
  }
  vm->fields = fields;
  vm->fields_length = fields_length;
  vm->fields_generation = 0;
  finish_run(vm, vm->depth - 1);
}

bool bridge_function_position(bridge_vm *vm, uint32_t handle, const char **file, int32_t *line) {
  // Raw reads of a list and lua_getinfo without 'f' or 'L' allocate nothing and cannot raise.
  lua_State *L = vm->state;
  lua_Debug record;
  if (!lua_checkstack(L, 4)) return false;
  push_slot(L, SLOT_FUNCTIONS);
  if (lua_rawgeti(L, -1, handle) != LUA_TFUNCTION) {
    lua_pop(L, 2);
    return false;
  }
  lua_getinfo(L, ">S", &record);
  lua_pop(L, 1);
  *file = record.source[0] == '@' || record.source[0] == '=' ? record.source + 1 : "";
  *line = record.linedefined;
  return true;
}

void bridge_collect(bridge_vm *vm) {
  // Only Lua's own string buffers have finalizers, which free memory: a collection runs no recipe code and cannot raise.
  if (vm->depth == 0) lua_gc(vm->state, LUA_GCCOLLECT);
}
