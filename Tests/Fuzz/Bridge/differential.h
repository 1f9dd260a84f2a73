/// Functions of the sandbox's libraries against those of the system's Lua: the same arguments must give the same results,
/// or an error in both. A target defines `operations` and includes this file.
#ifndef DIFFERENTIAL_H
#define DIFFERENTIAL_H

#include "fuzz.h"
#include <lauxlib.h>
#include <lualib.h>

/// Lua expressions, ended by NULL. Each is a function that both sides call with the arguments of the input.
extern const char *const operations[];

/// Turns results into plain text, the same way on both sides.
static const char *const shown =
  "local hex, byte, concat, pack, kind, text, whole, format = {}, string.byte, table.concat, table.pack, type, tostring,\n"
  "  math.type, string.format\n"
  "for code = 0, 255 do hex[code] = format('%02x', code) end\n"
  "local function show(value, depth)\n"
  "  local name = kind(value)\n"
  "  if name == 'string' then\n"
  "    local out = {}\n"
  "    for index = 1, #value do out[index] = hex[byte(value, index)] end\n"
  "    return 's' .. concat(out)\n"
  "  elseif name == 'number' then return whole(value) == 'float' and format('%.17g', value) or text(value) .. 'i'\n"
  "  elseif name == 'boolean' or name == 'nil' then return text(value)\n"
  "  elseif name == 'table' and depth < 3 then\n"
  "    local out = {}\n"
  "    for index = 1, #value do out[index] = show(rawget(value, index), depth + 1) end\n"
  "    return '{' .. concat(out, ',') .. '}'\n"
  "  end\n"
  "  return name\n"
  "end\n"
  "local function run(name, ...)\n"
  "  local found = pack(pcall(operation[name], ...))\n"
  "  if not found[1] then return 'error' end\n"
  "  local out = {}\n"
  "  for index = 2, found.n do out[index - 1] = show(found[index], 0) end\n"
  "  return concat(out, ' ')\n"
  "end\n";

static const bridge_budget tight = {
  .instructions = 1000000, .output_bytes = 1 << 20, .memory_bytes = 4 << 20, .string_bytes = 1 << 16,
  .coroutines = 10, .coroutine_depth = 8, .pattern_steps = 50000};

static int32_t no_host(void *context, uint32_t operation, uint32_t node, const uint8_t *bytes, size_t length,
                       bridge_reply *reply) {
  (void)context, (void)operation, (void)node, (void)bytes, (void)length, (void)reply;
  FOUND("a library function called the host");
  return BRIDGE_REPLY_ERROR;
}

static size_t write_script(char *script, size_t size, const char *tail) {
  int length = snprintf(script, size, "local operation = {\n");
  for (int index = 0; operations[index] != NULL; index += 1)
    length += snprintf(script + length, size - (size_t)length, "%s,\n", operations[index]);
  length += snprintf(script + length, size - (size_t)length, "}\n%s%s\n", shown, tail);
  return (size_t)length;
}

static bridge_vm *open_ours(void) {
  static char script[1 << 14];
  size_t length = write_script(script, sizeof script, "return { run = run }");
  bridge_outcome outcome;
  bridge_vm *vm = bridge_open(16 << 20, no_host, NULL);
  bridge_add_module(vm, "recipe", "recipe.lua", script, length, false, 0, &outcome);
  if (outcome.status != BRIDGE_OK) FOUND("compiling: %s", outcome.message);
  bridge_run run = {.now = 0, .seed = 7};
  bridge_load(vm, "recipe", &run, &tight, &outcome);
  if (outcome.status != BRIDGE_OK) FOUND("loading: %s", outcome.message);
  return vm;
}

static lua_State *open_theirs(void) {
  static char script[1 << 14];
  size_t length = write_script(script, sizeof script, "return run");
  lua_State *L = luaL_newstate();
  luaL_openlibs(L);
  if (luaL_loadbuffer(L, script, length, "theirs") != LUA_OK || lua_pcall(L, 0, 1, 0) != LUA_OK)
    FOUND("theirs: %s", lua_tostring(L, -1));
  return L;
}

/// One argument for both sides.
static void add_argument(fuzz_input *input, flat *out, lua_State *L, int depth) {
  uint8_t kind = take_byte(input);
  double number;
  int64_t integer;
  size_t length;
  switch (kind % 10) {
  case 0:
    flat_tag(out, BRIDGE_TAG_ABSENT);
    lua_pushnil(L);
    break;
  case 1:
    flat_tag(out, kind & 16 ? BRIDGE_TAG_TRUE : BRIDGE_TAG_FALSE);
    lua_pushboolean(L, kind & 16);
    break;
  case 2:
    length = least(8, input->length);
    integer = 0;
    memcpy(&integer, take_bytes(input, length), length);
    flat_integer(out, integer);
    lua_pushinteger(L, integer);
    break;
  case 3:
    length = least(8, input->length);
    number = 0;
    memcpy(&number, take_bytes(input, length), length);
    flat_double(out, number);
    lua_pushnumber(L, number);
    break;
  case 4:
  case 5:
    integer = (int8_t)take_byte(input);
    flat_integer(out, integer);
    lua_pushinteger(L, integer);
    break;
  case 6:
    length = depth > 0 ? 0 : take_byte(input) % 16;
    flat_count(out, BRIDGE_TAG_LIST, (uint32_t)length);
    lua_createtable(L, (int)length, 0);
    for (size_t item = 1; item <= length; item += 1) {
      add_argument(input, out, L, depth + 1);
      lua_rawseti(L, -2, (lua_Integer)item);
    }
    break;
  default:
    length = least(kind >= 128 ? (size_t)take_byte(input) << 2 | (kind & 3) : take_byte(input), input->length);
    flat_text(out, input->bytes, (uint32_t)length);
    lua_pushlstring(L, (const char *)input->bytes, length);
    take_bytes(input, length);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
  static bridge_vm *ours;
  static lua_State *theirs;
  static flat arguments;
  if (ours == NULL) ours = open_ours();
  if (theirs == NULL) theirs = open_theirs();
  if (length > 4096) return 0;
  fuzz_input input = {bytes, length};
  uint32_t count = 0;
  while (operations[count] != NULL) count += 1;
  lua_Integer operation = take_byte(&input) % count + 1;
  arguments.length = 0;
  flat_integer(&arguments, operation);
  lua_settop(theirs, 1);
  lua_pushvalue(theirs, 1);
  lua_pushinteger(theirs, operation);
  for (int argument = 0; argument < 6 && input.length > 0; argument += 1) add_argument(&input, &arguments, theirs, 0);
  bridge_run run = {.now = 0, .seed = 7};
  bridge_outcome outcome;
  bridge_call(ours, 1, arguments.bytes, arguments.length, &run, &tight, &outcome);
  check_outcome(&outcome, "a call");
  if (outcome.status == BRIDGE_LIMIT) {
    bridge_close(ours);
    ours = NULL;
    if (bridge_bytes_leaked() != 0) FOUND("%lld bytes were not given back", (long long)bridge_bytes_leaked());
    return 0; // theirs knows no limits, and might never return
  }
  if (outcome.status != BRIDGE_OK) FOUND("operation %d: %s", (int)operation, outcome.message);
  // Nor where it copies nothing as often as it is told.
  if (strcmp(operations[operation - 1], "string.rep") == 0 && lua_rawlen(theirs, 4) == 0 && lua_rawlen(theirs, 6) == 0) return 0;
  if (lua_pcall(theirs, lua_gettop(theirs) - 2, 1, 0) != LUA_OK) FOUND("theirs: %s", lua_tostring(theirs, -1));
  size_t wanted_length;
  const char *wanted = lua_tolstring(theirs, -1, &wanted_length);
  const char *found = (const char *)outcome.bytes + 5;
  if (outcome.length != wanted_length + 5 || memcmp(found, wanted, wanted_length) != 0)
    FOUND("%s: Lua says %s, the sandbox %.*s", operations[operation - 1], wanted, (int)outcome.length - 5, found);
  if (lua_gc(theirs, LUA_GCCOUNT) > 64 << 10) lua_gc(theirs, LUA_GCCOLLECT);
  return 0;
}

#endif
