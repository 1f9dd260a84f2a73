/// The input is the text of a recipe: compiled, loaded and called under small budgets, against a host that answers by
/// chance. Oracles besides the address sanitizer: what crosses the boundary is well formed; every byte is given back; a
/// VM that crossed a limit stays dead; and a run leaves nothing for the next, so the same call gives the same answer.
#include "fuzz.h"

typedef struct host {
  uint32_t calls;
  flat reply;
  bridge_vm *vm; ///< while a function of it runs
} host;

static const bridge_budget budget = {
  .instructions = 30000, .output_bytes = 1 << 16, .memory_bytes = 1 << 19, .string_bytes = 1 << 15,
  .coroutines = 50, .coroutine_depth = 8, .pattern_steps = 20000};

static uint32_t mix(uint32_t x) {
  x ^= x >> 16;
  x *= 0x7feb352d;
  x ^= x >> 15;
  x *= 0x846ca68b;
  return x ^ x >> 16;
}

static void some_item(flat *out, uint32_t chance, int depth) {
  switch (chance % 16) {
  case 0: flat_tag(out, BRIDGE_TAG_ABSENT); break;
  case 1: flat_tag(out, BRIDGE_TAG_NULL); break;
  case 2: flat_tag(out, BRIDGE_TAG_TRUE); break;
  case 3: flat_integer(out, (int64_t)(chance >> 4) - 1000); break;
  case 4: flat_double(out, chance / 7.0); break;
  case 5: flat_text(out, "text", 4); break;
  case 6: flat_text(out, "", 0); break;
  case 7:
    flat_count(out, BRIDGE_TAG_LINK, 2);
    flat_bytes(out, "o#", 2);
    break;
  case 8:
  case 9:
    flat_count(out, BRIDGE_TAG_LIST, depth > 3 ? 0 : chance >> 4 & 3);
    for (uint32_t item = 0; depth <= 3 && item < (chance >> 4 & 3); item += 1)
      some_item(out, mix(chance + item), depth + 1);
    break;
  case 10: flat_tag(out, BRIDGE_TAG_EMPTY); break;
  case 11:
    flat_count(out, BRIDGE_TAG_OBJECT, 1);
    flat_bytes(out, "\1\0\0\0k", 5);
    some_item(out, depth > 3 ? 3 : mix(chance), depth + 1);
    break;
  default: flat_node(out, chance >> 8 & 15, (uint8_t)(chance >> 4 & 3 ? 1 + (chance >> 12) % 3 : 5)); break;
  }
}

/// What a derived cell does: a run within the run, whose failure is the call's.
static int32_t derive(host *self, uint32_t chance) {
  bridge_run run = {.now = 1700000000123, .seed = chance};
  bridge_outcome outcome;
  bridge_call(self->vm, 1 + chance % 4, NULL, 0, &run, &budget, &outcome);
  check_outcome(&outcome, "a run within a run");
  self->reply.length = 0;
  if (outcome.status == BRIDGE_OK) return BRIDGE_REPLY_OK;
  flat_text(&self->reply, outcome.message, (uint32_t)strlen(outcome.message));
  return BRIDGE_REPLY_ERROR;
}

/// Whether the root cell of this name is a lasting one, and which: the same in every run, and asked for or not.
static bool answer_lasting(host *self, const uint8_t *bytes, size_t length, bridge_reply *reply) {
  uint32_t name = 0;
  for (size_t index = 0; index < length; index += 1) name = mix(name * 31 + bytes[index]);
  if (name % 2 == 0) return false;
  self->reply.length = 0;
  flat_node(&self->reply, BRIDGE_NODE_LASTING + name % 8, name % 4 == 1 ? BRIDGE_KIND_LIST : BRIDGE_KIND_OBJECT);
  reply->bytes = self->reply.bytes;
  reply->length = self->reply.length;
  return true;
}

static int32_t answer(void *context, uint32_t operation, uint32_t node, const uint8_t *bytes, size_t length,
                      bridge_reply *reply) {
  host *self = context;
  check_flat(bytes, length, "arguments");
  if (operation == BRIDGE_OP_CHILD && node == 1 && answer_lasting(self, bytes, length, reply)) return BRIDGE_REPLY_OK;
  uint32_t chance = mix(operation * 31 + node * 7 + (uint32_t)length + mix(self->calls));
  self->calls += 1;
  self->reply.length = 0;
  int32_t status = BRIDGE_REPLY_OK;
  if (self->vm != NULL && chance % 32 == 9) status = derive(self, chance >> 5);
  else switch (operation) {
  case BRIDGE_OP_LENGTH: flat_integer(&self->reply, chance % 6); break;
  case BRIDGE_OP_KEYS:
    flat_count(&self->reply, BRIDGE_TAG_LIST, chance % 4);
    for (uint32_t key = 0; key < chance % 4; key += 1) flat_text(&self->reply, &"abcd"[key], 1);
    break;
  case BRIDGE_OP_SAME: flat_tag(&self->reply, chance % 2 ? BRIDGE_TAG_TRUE : BRIDGE_TAG_FALSE); break;
  case BRIDGE_OP_DESCRIBE: flat_text(&self->reply, "place", 5); break;
  default:
    status = chance % 64 == 0 ? BRIDGE_REPLY_ABORT : chance % 32 == 1 ? BRIDGE_REPLY_FAIL
             : chance % 16 == 2                                       ? BRIDGE_REPLY_ERROR
                                                                      : BRIDGE_REPLY_OK;
    if (status == BRIDGE_REPLY_OK) some_item(&self->reply, chance >> 6, 0);
    if (status == BRIDGE_REPLY_FAIL || status == BRIDGE_REPLY_ABORT) flat_text(&self->reply, "code", 4);
    if (status != BRIDGE_REPLY_OK) flat_text(&self->reply, "message", 7);
  }
  reply->bytes = self->reply.bytes;
  reply->length = self->reply.length;
  return status;
}

static bridge_vm *open_loaded(host *host, const uint8_t *text, size_t length, bridge_outcome *outcome) {
  bridge_vm *vm = bridge_open(2 << 20, answer, host);
  if (vm == NULL) FOUND("no VM");
  host->calls = 0;
  bridge_add_module(vm, "recipe", "recipe.lua", (const char *)text, length, false, 0, outcome);
  check_outcome(outcome, "compiling");
  if (outcome->status != BRIDGE_OK) return vm;
  bridge_run run = {.now = 1700000000123, .seed = 7};
  bridge_load(vm, "recipe", &run, &budget, outcome);
  check_outcome(outcome, "loading");
  return vm;
}

static void call(bridge_vm *vm, host *host, uint32_t handle, bridge_outcome *outcome) {
  static flat arguments;
  arguments.length = 0;
  flat_count(&arguments, BRIDGE_TAG_CELLS, 1);
  flat_count(&arguments, BRIDGE_TAG_OBJECT, 1);
  flat_bytes(&arguments, "\1\0\0\0x\4\5\0\0\0\0\0\0\0", 14);
  flat fields = {.length = 0};
  flat_count(&fields, BRIDGE_TAG_OBJECT, 1);
  flat_bytes(&fields, "\4\0\0\0runs\4\1\0\0\0\0\0\0\0", 17);
  flat_count(&arguments, BRIDGE_TAG_CONTEXT, (uint32_t)fields.length);
  flat_bytes(&arguments, fields.bytes, fields.length);
  bridge_run run = {.now = 1700000000123, .seed = 7};
  host->calls = 0;
  bool dead = bridge_is_dead(vm);
  host->vm = vm;
  bridge_call(vm, handle, arguments.bytes, arguments.length, &run, &budget, outcome);
  host->vm = NULL;
  check_outcome(outcome, "a call");
  if (dead != (outcome->status == BRIDGE_DEAD)) FOUND("a dead VM ran again, or a live one did not");
  if (outcome->status == BRIDGE_LIMIT && !bridge_is_dead(vm)) FOUND("a VM lives on behind its limit");
}

/// The call again must answer as before: nothing may pass from event to event.
static void check_repeat(bridge_vm *vm, host *host, uint32_t handle) {
  static uint8_t kept[1 << 17];
  bridge_outcome first, other, again;
  call(vm, host, handle, &first);
  size_t length = first.length;
  if (first.status != BRIDGE_OK || length > sizeof kept) return;
  memcpy(kept, first.bytes, length);
  if (handle > 1) call(vm, host, handle - 1, &other);
  if (bridge_is_dead(vm)) return;
  call(vm, host, handle, &again);
  if (again.status == BRIDGE_LIMIT) return; // how full the heap is may differ
  if (again.status != BRIDGE_OK || again.length != length || memcmp(kept, again.bytes, length) != 0)
    FOUND("the second call of function %u differs: status %d, %s", handle, again.status, again.message);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
  static host host;
  bridge_outcome outcome;
  bridge_vm *vm = open_loaded(&host, bytes, length, &outcome);
  if (outcome.status == BRIDGE_OK)
    for (uint32_t handle = 1; handle <= 4 && !bridge_is_dead(vm); handle += 1) check_repeat(vm, &host, handle);
  bridge_close(vm);
  if (bridge_bytes_leaked() != 0) FOUND("%lld bytes were not given back", (long long)bridge_bytes_leaked());
  return 0;
}
