/// Flat buffers that no host of ours would write: as arguments of a call and as the host's replies. They must be refused or
/// read, never past their end; what a function hands back unchanged must come back the same when it is sent again.
#include "fuzz.h"

static fuzz_input reply_bytes;

static int32_t answer(void *context, uint32_t operation, uint32_t node, const uint8_t *bytes, size_t length,
                      bridge_reply *reply) {
  (void)context, (void)operation, (void)node;
  check_flat(bytes, length, "arguments");
  uint8_t status = take_byte(&reply_bytes);
  size_t count = least(take_byte(&reply_bytes), reply_bytes.length);
  // A copy of exactly that length, so that the address sanitizer sees a step too far.
  static uint8_t *copy;
  free(copy);
  copy = malloc(count + 1);
  memcpy(copy + 1, reply_bytes.bytes, count);
  take_bytes(&reply_bytes, count);
  reply->bytes = copy + 1;
  reply->length = count;
  return status % 5;
}

static const char script[] =
  "return {\n"
  "  function(value) return value end,\n"
  "  function(cells)\n"
  "    local found = hearth.list {}\n"
  "    local function try(fn, ...)\n"
  "      local done, value = pcall(fn, ...)\n"
  "      found[#found + 1] = done and tostring(value) ~= '' and type(value)\n"
  "      return done and value or nil\n"
  "    end\n"
  "    local o = try(function() return cells.o end)\n"
  "    try(function() for k, v in pairs(o) do try(tostring, v) end end)\n"
  "    try(function() for i, v in ipairs(o) do if i > 9 then break end end end)\n"
  "    try(function() return #o end)\n"
  "    try(function() return o:find(function(item) return item == 1 end) end)\n"
  "    try(function() return o:remove_where(function(item) return item end) end)\n"
  "    try(function() return o:get(), o:snapshot(), o:last(3) end)\n"
  "    try(function() return o == cells.p, o < cells.p, o .. cells.p, o + 1 end)\n"
  "    try(function() o.x = cells.p o:push(o) return hearth.link_of(o) end)\n"
  "    return found\n"
  "  end }\n";

static const bridge_budget budget = {
  .instructions = 200000, .output_bytes = 1 << 16, .memory_bytes = 1 << 20, .string_bytes = 1 << 16,
  .coroutines = 10, .coroutine_depth = 8, .pattern_steps = 20000};

/// Tells buffers apart whose items are not the same; of an object the order of the keys does not matter.
static uint64_t sum(const uint8_t *bytes, size_t length) {
  uint64_t total = length;
  for (size_t index = 0; index < length; index += 1) total += (uint64_t)bytes[index] * bytes[index] + bytes[index];
  return total;
}

static bridge_vm *open_loaded(void) {
  bridge_outcome outcome;
  bridge_run run = {.now = 0, .seed = 7};
  bridge_vm *vm = bridge_open(4 << 20, answer, NULL);
  bridge_add_module(vm, "recipe", "recipe.lua", script, sizeof script - 1, false, 0, &outcome);
  bridge_load(vm, "recipe", &run, &budget, &outcome);
  if (outcome.status != BRIDGE_OK) FOUND("loading: %s", outcome.message);
  return vm;
}

static void call(bridge_vm *vm, uint32_t handle, const uint8_t *bytes, size_t length, bridge_outcome *outcome) {
  bridge_run run = {.now = 0, .seed = 7};
  uint8_t *copy = malloc(length + 1);
  memcpy(copy + 1, bytes, length);
  bridge_call(vm, handle, copy + 1, length, &run, &budget, outcome);
  free(copy);
  check_outcome(outcome, "a call");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
  bridge_outcome outcome;
  bridge_vm *vm = open_loaded();
  fuzz_input input = {bytes, length};
  bool echo = take_byte(&input) & 1;
  reply_bytes = input;
  if (echo) {
    static uint8_t first[1 << 16];
    call(vm, 1, input.bytes, input.length, &outcome);
    if (outcome.status == BRIDGE_OK && outcome.length <= sizeof first) {
      size_t first_length = outcome.length;
      if (first_length > 0) memcpy(first, outcome.bytes, first_length);
      call(vm, 1, first, first_length, &outcome);
      if (outcome.status != BRIDGE_LIMIT
          && (outcome.status != BRIDGE_OK || sum(outcome.bytes, outcome.length) != sum(first, first_length)))
        FOUND("sent again, it came back another: status %d, %s", outcome.status, outcome.message);
    }
  } else {
    flat arguments = {.length = 0};
    flat_node(&arguments, 1, BRIDGE_KIND_CELLS);
    call(vm, 2, arguments.bytes, arguments.length, &outcome);
  }
  bridge_close(vm);
  if (bridge_bytes_leaked() != 0) FOUND("%lld bytes were not given back", (long long)bridge_bytes_leaked());
  return 0;
}
