/// The heap of one VM: counted, capped, and able to fail on purpose.
#include "internal.h"
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/// What Lua allocates for a long string besides its bytes; a little more does not matter.
#define STRING_HEADER 32

static _Atomic int64_t leaked;

// Each run makes and drops the same few small objects. Their blocks are kept and given out again, up to a total that one
// large event cannot raise.
#define BLOCK_STEP 16
#define BLOCK_SIZE_MAX (BLOCK_STEP * BRIDGE_BLOCK_CLASSES)
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define BLOCKS_KEPT_MAX 0u // a block that is given out again would hide a use after its end
#endif
#endif
#ifndef BLOCKS_KEPT_MAX
#define BLOCKS_KEPT_MAX (256u << 10)
#endif

typedef struct block {
  struct block *next;
} block;

static size_t class_of(size_t size) { return (size + BLOCK_STEP - 1) / BLOCK_STEP - 1; }

static void *take_block(bridge_vm *vm, size_t size) {
  if (size > BLOCK_SIZE_MAX) return malloc(size);
  size_t class = class_of(size);
  block *kept = vm->blocks[class];
  if (kept == NULL) return malloc((class + 1) * BLOCK_STEP);
  vm->blocks[class] = kept->next;
  vm->blocks_kept -= (class + 1) * BLOCK_STEP;
  __builtin_prefetch(kept->next); // read when the next one is taken, and given back long ago
  return kept;
}

static void give_block(bridge_vm *vm, void *pointer, size_t size) {
  if (size > BLOCK_SIZE_MAX || size == 0 || vm->blocks_kept >= BLOCKS_KEPT_MAX) {
    free(pointer);
    return;
  }
  size_t class = class_of(size);
  block *kept = pointer;
  kept->next = vm->blocks[class];
  vm->blocks[class] = kept;
  vm->blocks_kept += (class + 1) * BLOCK_STEP;
}

static void *resize_block(bridge_vm *vm, void *pointer, size_t old_size, size_t new_size) {
  if (pointer == NULL) return take_block(vm, new_size);
  if (old_size > BLOCK_SIZE_MAX && new_size > BLOCK_SIZE_MAX) return realloc(pointer, new_size);
  if (old_size != 0 && old_size <= BLOCK_SIZE_MAX && new_size <= BLOCK_SIZE_MAX && class_of(old_size) == class_of(new_size))
    return pointer;
  void *moved = take_block(vm, new_size);
  if (moved == NULL) return new_size <= old_size ? pointer : NULL; // a block may be larger than its class
  memcpy(moved, pointer, old_size < new_size ? old_size : new_size);
  give_block(vm, pointer, old_size);
  return moved;
}

void free_blocks(bridge_vm *vm) {
  for (size_t class = 0; class < BRIDGE_BLOCK_CLASSES; class += 1) {
    for (block *kept = vm->blocks[class]; kept != NULL;) {
      block *next = kept->next;
      free(kept);
      kept = next;
    }
    vm->blocks[class] = NULL;
  }
  vm->blocks_kept = 0;
}

static bool exceeds(const bridge_vm *vm, size_t growth, size_t max) {
  return max != 0 && (growth > max || vm->memory_used > max - growth);
}

/// The limit that stands against the allocation.
static int32_t obstacle(bridge_vm *vm, size_t growth, bool is_string) {
  vm->allocations += 1;
  if (vm->allocations_left == 0) return BRIDGE_LIMIT_MEMORY;
  if (vm->allocations_left > 0) vm->allocations_left -= 1;
  if (exceeds(vm, growth, vm->memory_max)) return BRIDGE_LIMIT_MEMORY;
  if (vm->depth > 0 && exceeds(vm, growth, vm->run_memory_max)) return BRIDGE_LIMIT_EVENT_MEMORY;
  if (is_string && vm->string_max != 0 && growth > vm->string_max + STRING_HEADER) return BRIDGE_LIMIT_STRING_BYTES;
  return BRIDGE_LIMIT_NONE;
}

/// Copying costs what it copies: long strings are charged as instructions, so that `s = s .. s` cannot outrun the
/// clock. Tables are not: the instructions that fill them pay. Nothing may be raised from here; the hook is set to fire
/// on the next instruction instead.
static void charge_block(bridge_vm *vm, size_t size) {
  uint64_t steps = size >> 6;
  vm->instructions_used += steps;
  vm->time_charge += steps;
  if (vm->time_charge >= BRIDGE_HOOK_STEP && vm->running != NULL && !vm->unmetered)
    lua_sethook(vm->running, bridge_hook, hook_mask(vm), 1);
}

/// From here on a single instruction may read a string for milliseconds: the hook has to look more often.
static void watch_closely(bridge_vm *vm) {
  if (vm->loading) vm->keeps_long = true;
  if (vm->hook_step == BRIDGE_HOOK_STEP_CLOSE || vm->unmetered) return;
  vm->hook_step = BRIDGE_HOOK_STEP_CLOSE;
  if (vm->running != NULL) lua_sethook(vm->running, bridge_hook, hook_mask(vm), 1);
}

/// The hash part of a table is allocated at once and without a type: a power of two of nodes.
static bool is_hash_too_large(const bridge_vm *vm, size_t size) {
  const size_t node = 3 * sizeof(void *);
  size_t nodes = size / node, max = vm->loading ? BRIDGE_FIELDS_LOADING_MAX : BRIDGE_FIELDS_MAX;
  return nodes > max && size % node == 0 && (nodes & (nodes - 1)) == 0 && nodes / 2 > vm->fields_expected;
}

/// Lua answers a refusal with a full collection and tries again: a heap that is kept full to the brim would have one for each
/// allocation, so each is charged with what it walks. The stack may not be looked at from here: Lua may be moving it.
static void note_refusal(bridge_vm *vm, int32_t limit) {
  vm->refused = limit;
  charge_block(vm, vm->memory_used);
}

void *bridge_allocate(void *context, void *pointer, size_t old_size, size_t new_size) {
  bridge_vm *vm = context;
  bool is_string = pointer == NULL && old_size == LUA_TSTRING; // Lua tells the type of a new object here
  if (pointer == NULL) old_size = 0;
  if (new_size == 0) {
    if (pointer != NULL) give_block(vm, pointer, old_size);
    vm->memory_used -= old_size;
    return NULL;
  }
  // A run without a limit on its instructions, a file of specs for one, may take as long as it likes.
  if (pointer == NULL && !is_string && vm->depth > 0 && vm->instructions_max != 0 && is_hash_too_large(vm, new_size)) {
    note_refusal(vm, BRIDGE_LIMIT_FIELDS);
    return NULL;
  }
  // Lua assumes that shrinking never fails, so only growth is refused.
  int32_t limit = new_size > old_size ? obstacle(vm, new_size - old_size, is_string) : BRIDGE_LIMIT_NONE;
  if (limit != BRIDGE_LIMIT_NONE) {
    note_refusal(vm, limit);
    return NULL;
  }
  void *moved = resize_block(vm, pointer, old_size, new_size);
  if (moved == NULL) return NULL;
  if (is_string && new_size >= 4096) charge_block(vm, new_size);
  if (is_string && new_size >= BRIDGE_STRING_LONG) watch_closely(vm);
  vm->memory_used = vm->memory_used - old_size + new_size;
  if (vm->memory_used > vm->memory_peak) vm->memory_peak = vm->memory_used;
  return moved;
}

void note_leak(const bridge_vm *vm) { atomic_fetch_add(&leaked, (int64_t)vm->memory_used); }
int64_t bridge_bytes_leaked(void) { return atomic_load(&leaked); }
size_t bridge_memory_used(const bridge_vm *vm) { return vm->memory_used; }
size_t bridge_memory_peak(const bridge_vm *vm) { return vm->memory_peak; }
uint64_t bridge_allocations(const bridge_vm *vm) { return vm->allocations; }
void bridge_fail_allocations(bridge_vm *vm, int64_t count) { vm->allocations_left = count; }
