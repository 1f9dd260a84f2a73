/// What the files of the bridge share. Not seen by Swift.
#ifndef CLUABRIDGE_INTERNAL_H
#define CLUABRIDGE_INTERNAL_H

#include "CLuaBridge.h"
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <pthread.h>

#define BRIDGE_HOOK_STEP 1000
/// Between two hooks while there are strings so long that a single instruction can take milliseconds over one.
#define BRIDGE_HOOK_STEP_CLOSE 50
#define BRIDGE_STRING_LONG (64u << 10)
/// Fields of one table that are not items of a list. More of them, all in one chain of Lua's hash, would make a single
/// instruction that lets the table grow take seconds: it looks through the chain for each.
#define BRIDGE_FIELDS_MAX (1u << 14)
#define BRIDGE_FIELDS_LOADING_MAX (1u << 16)
/// How old the mark may be from which it is told what a run has computed.
#define BRIDGE_MARK_NANOSECONDS 1000000u
#define BRIDGE_CALLS_MAX 16000
#define BRIDGE_DEPTH_OF_DATA_MAX 128
#define BRIDGE_TEXT_MAX 4096
/// Runs in runs, and what is entered outside of a run.
#define BRIDGE_ENTRIES_MAX (BRIDGE_DEPTH_MAX + 1)

typedef struct bridge_buffer {
  uint8_t *bytes;
  size_t length;
  size_t capacity;
} bridge_buffer;

/// What went wrong in the last failed entry; filled where the error is raised, so that it needs no Lua memory later.
typedef struct bridge_failure {
  char message[BRIDGE_TEXT_MAX];
  char code[128];
  char traceback[BRIDGE_TEXT_MAX];
  char file[256];
  int32_t line;
} bridge_failure;

/// Registry references of tables that the bridge keeps.
enum bridge_slot {
  SLOT_FUNCTIONS = 1, ///< handle -> function
  SLOT_MODULES,       ///< name -> compiled chunk
  SLOT_LOADED,        ///< name -> value
  SLOT_THREADS,       ///< of the entries
  SLOT_GLOBALS,       ///< the real globals behind the read-only environment
  SLOT_ENVIRONMENT,   ///< what recipes see as their environment
  SLOT_METHODS,       ///< kind -> name -> function
  SLOT_PROXY,         ///< metatable of proxies
  SLOT_LIST,          ///< metatable of lists
  SLOT_LINK,          ///< metatable of links
  SLOT_FAILURE,       ///< metatable of failures
  SLOT_CONTEXT,       ///< name -> function of `ctx`
  SLOT_FIELDS,        ///< fields of the present `ctx`
  SLOT_ROOTS,         ///< cell name -> proxy of the latest run that asked
  SLOT_GUARDED,       ///< functions whose upvalues are compared after each run
  SLOT_BASELINE,      ///< the values that those upvalues had after load
  SLOT_COMPARED,      ///< scratch of the freezer: tables and functions already visited
  SLOT_INTERNALS,     ///< what trusted chunks get as `...`
  SLOT_PLACE_KEY,     ///< under which key the last scalar was read from a cell
  SLOT_PLACE_VALUE,   ///< that scalar
  SLOT_COUNT,
};

typedef struct bridge_upvalue {
  int function; ///< index in SLOT_GUARDED
  int upvalue;
} bridge_upvalue;

/// What a value that is being encoded is meant for, for error texts.
enum bridge_receiver {
  BRIDGE_RECEIVER_NONE = 0,
  BRIDGE_RECEIVER_CELL,  ///< the cell at stack index 1
  BRIDGE_RECEIVER_FIELD, ///< the field of the cell at 1 whose key is at 2
};

/// Sizes of blocks that are kept: 16 to 256 bytes in steps of 16.
#define BRIDGE_BLOCK_CLASSES 16

struct bridge_vm {
  lua_State *state;   ///< the main thread
  lua_State *running; ///< the thread that runs Lua code now
  lua_State *current; ///< the thread whose host call is under way
  lua_State *threads[BRIDGE_ENTRIES_MAX]; ///< what each entry in an entry runs on; NULL: to be made
  uint32_t entries;                       ///< that are under way
  bridge_host host;
  void *context;

  size_t memory_used, memory_max, memory_peak;
  struct block *blocks[BRIDGE_BLOCK_CLASSES]; ///< small blocks given back, by size
  size_t blocks_kept;                         ///< their bytes
  size_t run_memory_max; ///< what the heap may grow to in this run; 0: without limit
  size_t string_max;
  uint64_t allocations;
  int64_t allocations_left; ///< negative: allocation does not fail on purpose

  uint64_t instructions_used, instructions_max;
  uint64_t time_charge; ///< charged since the clock was last read
  uint64_t deadline;    ///< monotonic nanoseconds; 0: none
  uint64_t nanoseconds; ///< that a run may compute
  bool wall_time;
  struct clock_mark {
    uint64_t wall, computed;
    pthread_t thread;
  } mark; ///< what a thread had computed by when; at most BRIDGE_MARK_NANOSECONDS before the run
  uint64_t output_used, output_max;
  uint64_t pattern_steps, pattern_steps_max;
  uint64_t coroutines, coroutines_max;
  uint64_t coroutine_depth, coroutine_depth_max;
  int32_t crossed; ///< `bridge_limit`; the stop signal: once set, nothing in Lua goes on
  bool dead;
  bool unmetered;
  int hook_step;      ///< instructions between two hooks
  bool keeps_long;    ///< whether strings were loaded that are long
  uint32_t fields_expected; ///< of a table that the host's values fill: their keys are not the recipe's to choose
  int32_t refused; ///< `bridge_limit` for which an allocation was last refused in this run
  bool loading;

  uint32_t generation;
  uint32_t depth;
  int64_t now;
  uint64_t random[4];
  const uint8_t *fields; ///< flat object with the fields of `ctx`
  size_t fields_length;
  uint32_t fields_generation, fields_depth; ///< what SLOT_FIELDS was decoded for
  const char *now_name;                     ///< the interned string "now"

  int receiver; ///< `bridge_receiver`: what the value being encoded is meant for
  uint64_t crossings;
  uint64_t place_crossing; ///< the crossing that read the last scalar
  uint32_t place_node, place_generation;
  int place_line;

  const bridge_covered_file *covered; ///< whose lines are counted; NULL: nobody's
  size_t covered_count;

  uint32_t functions;
  bridge_upvalue *guarded;
  size_t guarded_count, guarded_capacity;
  bridge_buffer buffers[BRIDGE_DEPTH_MAX + 1];
  bridge_failure failure;
};

typedef struct bridge_proxy {
  uint32_t generation;
  uint32_t node;
  uint32_t root; ///< node of the cells root that a cached proxy was reached from
  uint8_t kind;
  uint8_t depth;    ///< of the run that has it: a run within it gets proxies of its own
  bool has_lasting; ///< of `cells`: lasting roots are had without a crossing
} bridge_proxy;

static inline bridge_vm *vm_of(lua_State *L) { return *(bridge_vm **)lua_getextraspace(L); }
static inline void push_slot(lua_State *L, int slot) { lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_LAST + slot); }
void set_slot(lua_State *L, int slot);

/// What an entry hands to its protected function.
typedef struct bridge_request {
  bridge_vm *vm;
  const char *name, *path, *text;
  const uint8_t *bytes;
  size_t length;
  uint64_t deadline;
  uint32_t handle;
  bool trusted, syntax;
  bridge_outcome *outcome;
} bridge_request;

// entry.c
void clear_outcome(bridge_vm *vm, bridge_outcome *outcome);
/// Runs `function`, which returns nothing, protected, with the request as its only argument.
void enter_vm(bridge_vm *vm, lua_CFunction function, bridge_request *request);
/// Whether L is what an entry runs on, and so no coroutine of the recipe's.
bool is_entry(lua_State *L);

// allocator.c
void *bridge_allocate(void *context, void *pointer, size_t old_size, size_t new_size);

/// Gives the kept blocks back to the process.
void free_blocks(bridge_vm *vm);
/// Remembers what a closed VM did not give back.
void note_leak(const bridge_vm *vm);

// hook.c
void begin_budget(bridge_vm *vm, const bridge_budget *budget);
uint64_t monotonic_now(void);
/// Begins a run.
void begin_counting(bridge_vm *vm);
/// Lets the hook watch over what an entry runs on L, when it belongs to a run.
void count_on(bridge_vm *vm, lua_State *L);
/// Ends a run.
void end_counting(bridge_vm *vm);
void bridge_hook(lua_State *L, lua_Debug *record);
/// What the hook is called for.
int hook_mask(const bridge_vm *vm);
void count_line(lua_State *L, lua_Debug *record);
/// Charges C work as if it were `steps` instructions; raises when a budget is crossed.
void charge(lua_State *L, uint64_t steps);
/// Sets the stop signal and raises.
int cross_limit(lua_State *L, int32_t limit);
/// After `bridge_allocate` refused: crosses the limit for which it did.
int cross_memory(lua_State *L);
/// Steps of pattern matching.
void charge_pattern(lua_State *L, uint64_t steps);
/// Raises again when the stop signal is set: to be called after every protected call made on behalf of Lua code.
/// `thread` is where the error value lies.
void stop_if_crossed(lua_State *L, lua_State *thread, int status);
bool is_memory_error(lua_State *thread, int status);

// errors.c
/// With the error value at 1: notes its text, its code and, of the thread at 2 which it ended, position and traceback.
int note_error(lua_State *L);
void raise_failure(lua_State *L, const char *code, size_t code_length, const char *message, size_t message_length);
void note_position(lua_State *L, bridge_failure *failure);
void register_errors(lua_State *L);

// encode.c
enum encode_mode { ENCODE_DATA, ENCODE_RESULT, ENCODE_DECLARATION };
bridge_buffer *begin_encoding(bridge_vm *vm);
void encode(lua_State *L, int index, bridge_buffer *buffer, enum encode_mode mode);
void reserve_bytes(lua_State *L, bridge_buffer *buffer, size_t more);
bool is_utf8(const char *text, size_t length);

// decode.c
/// Pushes one item and moves `*cursor`; proxies take their name from the value at `named_by` (0: none).
void decode(lua_State *L, const uint8_t **cursor, const uint8_t *end, int named_by);
/// The same for an argument of a call, which may be `ctx`: its fields stay in the caller's bytes, so no reply may bring one.
void decode_argument(lua_State *L, const uint8_t **cursor, const uint8_t *end);
void register_values(lua_State *L);
extern char null_key;
bool is_null(lua_State *L, int index);

// proxies.c
void push_proxy(lua_State *L, uint32_t node, uint8_t kind, int named_by);
bridge_proxy *to_proxy(lua_State *L, int index);
bridge_proxy *check_live(lua_State *L, int index);
/// Sends what was encoded, decodes the reply's items onto the stack, returns how many.
int cross(lua_State *L, uint32_t operation, uint32_t node, bridge_buffer *buffer, int named_by);
void register_proxies(lua_State *L);
int proxy_keys(lua_State *L);
/// Replaces the key at the top by what lies under it in the proxy at `index`, be it called like a method; its type.
int proxy_child(lua_State *L, int index);

// places.c
/// Remembers that the scalar at the top was read from a node, under the key at an index.
void note_place(lua_State *L, uint32_t node, int key);
void open_places(lua_State *L);

// methods.c
void register_methods(lua_State *L);
// surface.c
void check_arguments(lua_State *L, const bridge_surface *entry, int first);
// context.c
int context_index(lua_State *L);
void register_context(lua_State *L);

// shadow.c
/// Makes the table at the top read-only in place; `message` is what an assignment raises, with one %s for the key.
void freeze_table(lua_State *L, const char *message);
/// Pushes what lies behind a table with a shadow, or the table itself.
void push_content(lua_State *L, int index);
bool is_frozen(lua_State *L, int index);
/// With a table that is not frozen, key and value at 1 to 3: what rawset does. Leaves the table.
void set_content(lua_State *L);
/// With a table that is not frozen at 1 and its new metatable, or nil, at 2: what setmetatable does. Leaves the table.
void give_metatable(lua_State *L);
/// Pushes the metatable of the table at `index` as the recipe knows it; false and nothing when there is none.
bool push_known_metatable(lua_State *L, int index);

// freeze.c
// C closures that change as they run; they may not be kept at module level
int resume_wrapped(lua_State *L);
int walk_step(lua_State *L);
int gmatch_step(lua_State *L);
void freeze_reachable(lua_State *L);
void check_upvalues(lua_State *L, bool report);

// library
int to_string(lua_State *L);
void open_base(lua_State *L);
void open_protect(lua_State *L);
lua_Integer push_sorted_keys(lua_State *L, int index);
void open_iterate(lua_State *L);
void open_tables(lua_State *L);
void open_strings(lua_State *L);
void open_patterns(lua_State *L);
void open_numbers(lua_State *L);
void open_clock(lua_State *L);
void open_modules(lua_State *L);
void open_sandbox(lua_State *L);
void seed_random(uint64_t state[4], uint64_t seed);
int random_number(lua_State *L, int first);

#endif
