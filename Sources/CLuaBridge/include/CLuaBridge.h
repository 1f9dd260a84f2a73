/// The C that touches the Lua stack. Everything that can `longjmp` stays inside these functions: each entry runs its
/// work in a protected call that holds no Swift frame, and the one callback into Swift exchanges bytes and returns.
#ifndef CLUABRIDGE_H
#define CLUABRIDGE_H

#include "CLuaBridgeSurface.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct bridge_vm bridge_vm;

/// How an entry ended.
enum bridge_status {
  BRIDGE_OK = 0,
  BRIDGE_SYNTAX = 1,
  BRIDGE_RUNTIME = 2,
  BRIDGE_LIMIT = 3,   ///< a budget was crossed: `limit` says which; the VM is dead
  BRIDGE_ABORTED = 4, ///< the host ended the run (`BRIDGE_REPLY_ABORT`); the VM lives
  BRIDGE_FAILED = 5,  ///< `ctx.fail`, or a host failure with a code: `code` is set
  BRIDGE_DEAD = 6,    ///< the VM crossed a limit earlier and may not run again
};

/// Which budget was crossed.
enum bridge_limit {
  BRIDGE_LIMIT_NONE = 0,
  BRIDGE_LIMIT_INSTRUCTIONS = 1,
  BRIDGE_LIMIT_MEMORY = 2,
  BRIDGE_LIMIT_TIME = 3,
  BRIDGE_LIMIT_OUTPUT = 4,
  BRIDGE_LIMIT_ABORT = 5, ///< not a budget: the host's uncatchable stop
  BRIDGE_LIMIT_EVENT_MEMORY = 6,
  BRIDGE_LIMIT_STRING_BYTES = 7,
  BRIDGE_LIMIT_COROUTINES = 8,
  BRIDGE_LIMIT_COROUTINE_DEPTH = 9,
  BRIDGE_LIMIT_PATTERN_STEPS = 10,
  BRIDGE_LIMIT_FIELDS = 11,
};

/// What the host answers to a crossing.
enum bridge_reply_status {
  BRIDGE_REPLY_OK = 0,    ///< reply: the items that the operation returns
  BRIDGE_REPLY_ERROR = 1, ///< reply: message; raised as a Lua error with the caller's position
  BRIDGE_REPLY_FAIL = 2,  ///< reply: code, message; raised as a failure that `pcall` may catch
  BRIDGE_REPLY_ABORT = 3, ///< reply: code, message; ends the run, nothing in Lua can catch it
};

/// Bytes that the host hands back; they stay valid until the host is called again at the same depth.
typedef struct bridge_reply {
  const uint8_t *bytes;
  size_t length;
} bridge_reply;

/// The one callback. Must return, must not call into the VM except through `bridge_call`.
typedef int32_t (*bridge_host)(void *context, uint32_t operation, uint32_t node, const uint8_t *bytes, size_t length,
                               bridge_reply *reply);

/// What one run may use. Zero means: without this limit.
typedef struct bridge_budget {
  uint64_t instructions; ///< VM instructions, counted in steps of 1000; C loops and pattern steps are charged too
  uint64_t nanoseconds;  ///< of the calling thread's time, give or take a millisecond; it is no less than this of wall time
  uint64_t output_bytes; ///< bytes handed to the host and returned
  uint64_t memory_bytes; ///< by which the heap may grow, garbage included when a collection does not free it
  uint64_t string_bytes; ///< of one string
  uint64_t coroutines;   ///< begun and not finished
  uint64_t coroutine_depth; ///< coroutines within coroutines
  uint64_t pattern_steps;   ///< of `string.find` and its kin; they are charged as instructions too
  bool wall_time;           ///< what the thread is kept waiting for by others counts as well
  bool unmetered;           ///< no hook, and nothing is counted: to measure what that costs, and for nothing else
} bridge_budget;

/// What the calling thread has computed since it began; what it was kept waiting for does not count. A system call.
uint64_t bridge_thread_nanoseconds(void);

/// What a run is a function of.
typedef struct bridge_run {
  int64_t now;   ///< `ctx.now` in milliseconds since 1970
  uint64_t seed; ///< seeds `math.random` and `ctx.random`
  bool continues; ///< goes on with what the run before left of its budget
} bridge_run;

/// How a run ended. Pointers stay valid until the VM is entered again at the same depth.
typedef struct bridge_outcome {
  int32_t status;        ///< `bridge_status`
  int32_t limit;         ///< `bridge_limit`
  const uint8_t *bytes;  ///< the returned item when `status` is `BRIDGE_OK`
  size_t length;
  const char *message;   ///< NUL-terminated, never NULL
  const char *code;      ///< NUL-terminated, empty without one
  const char *traceback; ///< NUL-terminated, empty without one
  const char *file;      ///< chunk path of the innermost recipe frame, empty when none
  int32_t line;          ///< its line, 0 when none
} bridge_outcome;

/// What the Lua that the process has linked says of itself: "$LuaVersion: Lua 5.4.4  Copyright ...".
const char *bridge_lua(void);
/// Whether recipes may run on a Lua that says this of itself: on 5.4.4 and newer, see Docs/sandbox.md. Older ones read and write
/// past their stack in ordinary calls (CVE-2020-15888, CVE-2021-43519, tail calls that run out of stack).
bool bridge_is_fit(const char *ident);
/// Opens a VM whose Lua heap may hold `memory_bytes` (0: without limit). NULL when that is too little or memory is out.
bridge_vm *bridge_open(size_t memory_bytes, bridge_host host, void *context);
/// Like `bridge_open`; the `fail_at`-th allocation and all after it fail. For tests.
bridge_vm *bridge_open_failing(size_t memory_bytes, bridge_host host, void *context, int64_t fail_at);
void bridge_close(bridge_vm *vm);

/// Compiles a text chunk as module `name`; gives up after `nanoseconds` (0: never). `trusted` chunks get the bridge's internals as `...` and are not named in
/// errors.
void bridge_add_module(bridge_vm *vm, const char *name, const char *path, const char *text, size_t length,
                       bool trusted, uint64_t nanoseconds, bridge_outcome *outcome);
/// Runs a trusted module now and adds the string-keyed fields of the table it returns to the globals.
void bridge_add_globals(bridge_vm *vm, const char *name, bridge_outcome *outcome);
/// Runs module `name`, reads its result out as a flat item (functions become handles) and freezes all it can reach.
void bridge_load(bridge_vm *vm, const char *name, const bridge_run *run, const bridge_budget *budget,
                 bridge_outcome *outcome);
/// Calls the function `handle` with the flat items in `bytes`. May be called from inside the host callback: the inner
/// call shares the outer run's generation and budget.
void bridge_call(bridge_vm *vm, uint32_t handle, const uint8_t *bytes, size_t length, const bridge_run *run,
                 const bridge_budget *budget, bridge_outcome *outcome);

/// Where the recipe code stands that made the present host call. False when no recipe frame is live.
bool bridge_caller(bridge_vm *vm, const char **file, int32_t *line);
/// Where function `handle` is defined. False when there is no such function.
bool bridge_function_position(bridge_vm *vm, uint32_t handle, const char **file, int32_t *line);

uint64_t bridge_instructions_used(const bridge_vm *vm);
uint64_t bridge_output_used(const bridge_vm *vm);
size_t bridge_memory_used(const bridge_vm *vm);
/// The most the heap held during the last run.
size_t bridge_memory_peak(const bridge_vm *vm);
size_t bridge_depth(const bridge_vm *vm);
bool bridge_is_dead(const bridge_vm *vm);
/// The allocation `count` from now, and all after it, fail; negative: none. For tests.
void bridge_fail_allocations(bridge_vm *vm, int64_t count);
uint64_t bridge_allocations(const bridge_vm *vm);
/// Runs a full collection. For tests and idle moments.
void bridge_collect(bridge_vm *vm);
/// A file whose lines are counted as they run: how often, for each line from 0.
typedef struct bridge_covered_file {
  const char *path;
  uint32_t *counts;
  size_t lines;
} bridge_covered_file;

/// Counts lines from now on. The files must live as long as the VM.
void bridge_cover(bridge_vm *vm, const bridge_covered_file *files, size_t count);
/// Sets `active` to 1 for each line of a source that has code on it. False when that cannot be told.
bool bridge_active_lines(const char *text, size_t length, uint8_t *active, size_t lines);

/// What all VMs that were closed in this process did not give back. For tests.
int64_t bridge_bytes_leaked(void);

#endif
