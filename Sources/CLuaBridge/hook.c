/// Budgets. Once one is crossed the stop signal stays set: the hook fires on every instruction, and every protected call
/// that the sandbox offers to Lua code raises again instead of returning.
#include "internal.h"
#include <string.h>
#include <time.h>

static char stop_key; // its address is the error value while a stop is under way

uint64_t monotonic_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t bridge_thread_nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/// What a thread has computed costs a system call, the time of day does not. So it is read once a millisecond, and then only
/// when a run seems to have used up its time.
static void mark_clock(bridge_vm *vm, uint64_t now) {
  if (now - vm->mark.wall < BRIDGE_MARK_NANOSECONDS && pthread_equal(vm->mark.thread, pthread_self())) return;
  vm->mark = (struct clock_mark){.wall = now, .computed = bridge_thread_nanoseconds(), .thread = pthread_self()};
}

static void begin_time(bridge_vm *vm, const bridge_budget *budget) {
  vm->time_charge = 0;
  vm->nanoseconds = budget->nanoseconds;
  vm->wall_time = budget->wall_time;
  vm->deadline = 0;
  if (budget->nanoseconds == 0) return;
  uint64_t now = monotonic_now();
  vm->deadline = now + budget->nanoseconds;
  if (!vm->wall_time) mark_clock(vm, now);
}

/// Whether a run has computed for as long as it may. When its thread was kept waiting meanwhile, it gets what it lacks.
static bool is_late(bridge_vm *vm) {
  uint64_t now = monotonic_now();
  if (now <= vm->deadline) return false;
  if (vm->wall_time) return true;
  uint64_t computed = bridge_thread_nanoseconds() - vm->mark.computed;
  if (computed >= vm->nanoseconds) return true;
  vm->deadline = now + (vm->nanoseconds - computed);
  return false;
}

void begin_budget(bridge_vm *vm, const bridge_budget *budget) {
  vm->unmetered = budget->unmetered;
  vm->instructions_used = 0;
  vm->instructions_max = budget->instructions;
  begin_time(vm, budget);
  vm->output_used = 0;
  vm->output_max = budget->output_bytes;
  vm->run_memory_max = budget->memory_bytes == 0 ? 0 : vm->memory_used + budget->memory_bytes;
  vm->string_max = budget->string_bytes;
  vm->pattern_steps = 0;
  vm->pattern_steps_max = budget->pattern_steps;
  vm->coroutines = 0;
  vm->coroutines_max = budget->coroutines;
  vm->coroutine_depth = 0;
  vm->coroutine_depth_max = budget->coroutine_depth;
  vm->refused = BRIDGE_LIMIT_NONE;
  vm->memory_peak = vm->memory_used;
}

void begin_counting(bridge_vm *vm) {
  vm->crossed = BRIDGE_LIMIT_NONE;
  vm->hook_step = vm->keeps_long ? BRIDGE_HOOK_STEP_CLOSE : BRIDGE_HOOK_STEP;
}

void count_on(bridge_vm *vm, lua_State *L) {
  // Setting it anew would forget what it has counted, so that many short entries would count for nothing.
  if (vm->depth == 0 || vm->unmetered || lua_gethook(L) == bridge_hook) return;
  lua_sethook(L, bridge_hook, hook_mask(vm), vm->hook_step);
}

void end_counting(bridge_vm *vm) {
  for (int index = 0; index < BRIDGE_ENTRIES_MAX; index += 1)
    if (vm->threads[index] != NULL) lua_sethook(vm->threads[index], NULL, 0, 0);
}

/// Sets the stop signal for what happened on `thread`, and raises.
static int cross_on(lua_State *L, lua_State *thread, int32_t limit) {
  bridge_vm *vm = vm_of(L);
  bool first = vm->crossed == BRIDGE_LIMIT_NONE;
  if (first) {
    vm->crossed = limit;
    note_position(thread, &vm->failure);
  }
  // It was crossed in a coroutine without recipe code; this is who resumed it.
  if (vm->failure.file[0] == 0 && !(first && thread == L)) note_position(L, &vm->failure);
  if (vm->crossed != BRIDGE_LIMIT_ABORT) vm->dead = true;
  lua_sethook(L, bridge_hook, LUA_MASKCOUNT, 1);
  lua_pushlightuserdata(L, &stop_key);
  return lua_error(L);
}

int cross_limit(lua_State *L, int32_t limit) { return cross_on(L, L, limit); }

/// For which limit an allocation was refused.
static int32_t refused_limit(const bridge_vm *vm) {
  return vm->refused == BRIDGE_LIMIT_NONE ? BRIDGE_LIMIT_MEMORY : vm->refused;
}

int cross_memory(lua_State *L) { return cross_limit(L, refused_limit(vm_of(L))); }

bool is_memory_error(lua_State *thread, int status) {
  if (status == LUA_ERRMEM) return true;
  // The buffers of Lua's string library raise an ordinary error with this text when an allocation is refused.
  return status == LUA_ERRRUN && vm_of(thread)->refused != BRIDGE_LIMIT_NONE && lua_type(thread, -1) == LUA_TSTRING
         && strstr(lua_tostring(thread, -1), "not enough memory") != NULL;
}

void stop_if_crossed(lua_State *L, lua_State *thread, int status) {
  bridge_vm *vm = vm_of(L);
  if (vm->crossed != BRIDGE_LIMIT_NONE) cross_limit(L, vm->crossed);
  if (is_memory_error(thread, status)) cross_on(L, thread, refused_limit(vm));
}

void charge_pattern(lua_State *L, uint64_t steps) {
  bridge_vm *vm = vm_of(L);
  vm->pattern_steps += steps;
  charge(L, steps);
  if (vm->pattern_steps_max != 0 && vm->pattern_steps > vm->pattern_steps_max)
    cross_limit(L, BRIDGE_LIMIT_PATTERN_STEPS);
}

void charge(lua_State *L, uint64_t steps) {
  bridge_vm *vm = vm_of(L);
  if (vm->unmetered) return;
  vm->instructions_used += steps;
  vm->time_charge += steps;
  if (vm->crossed != BRIDGE_LIMIT_NONE) cross_limit(L, vm->crossed);
  if (vm->instructions_max != 0 && vm->instructions_used > vm->instructions_max)
    cross_limit(L, BRIDGE_LIMIT_INSTRUCTIONS);
  if (vm->time_charge < BRIDGE_HOOK_STEP) return;
  vm->time_charge = 0;
  if (vm->deadline != 0 && is_late(vm)) cross_limit(L, BRIDGE_LIMIT_TIME);
}

/// Runaway recursion is an ordinary error long before it eats the memory budget, which would say less about its cause.
static void check_depth(lua_State *L) {
  lua_Debug record;
  if (lua_getstack(L, BRIDGE_CALLS_MAX, &record))
    luaL_error(L, "stack overflow: functions call each other more than %d deep", BRIDGE_CALLS_MAX);
}

void bridge_hook(lua_State *L, lua_Debug *record) {
  if (record->event == LUA_HOOKLINE) {
    count_line(L, record);
    return;
  }
  bridge_vm *vm = vm_of(L);
  int ran = lua_gethookcount(L);
  // Otherwise asked for by the allocator, or the stop signal, or set before the strings became long.
  if (ran != vm->hook_step && vm->crossed == BRIDGE_LIMIT_NONE)
    lua_sethook(L, bridge_hook, hook_mask(vm), vm->hook_step);
  if (vm->hook_step == BRIDGE_HOOK_STEP_CLOSE) vm->time_charge += BRIDGE_HOOK_STEP; // looks at the clock each time
  charge(L, (uint64_t)ran);
  check_depth(L);
}

uint64_t bridge_instructions_used(const bridge_vm *vm) { return vm->instructions_used; }
uint64_t bridge_output_used(const bridge_vm *vm) { return vm->output_used; }
bool bridge_is_dead(const bridge_vm *vm) { return vm->dead; }
size_t bridge_depth(const bridge_vm *vm) { return vm->depth; }
