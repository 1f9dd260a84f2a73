/// Which lines of a recipe ran, and which could.
#include "internal.h"
#include <stdlib.h>
#include <string.h>

void bridge_cover(bridge_vm *vm, const bridge_covered_file *files, size_t count) {
  vm->covered = files;
  vm->covered_count = count;
}

int hook_mask(const bridge_vm *vm) {
  return vm->covered == NULL ? LUA_MASKCOUNT : LUA_MASKCOUNT | LUA_MASKLINE;
}

void count_line(lua_State *L, lua_Debug *record) {
  const bridge_vm *vm = vm_of(L);
  lua_getinfo(L, "S", record);
  if (record->source[0] != '@' || record->currentline < 0) return;
  for (size_t index = 0; index < vm->covered_count; index += 1) {
    const bridge_covered_file *file = &vm->covered[index];
    if (strcmp(record->source + 1, file->path) != 0) continue;
    if ((size_t)record->currentline < file->lines && file->counts[record->currentline] < UINT32_MAX)
      file->counts[record->currentline] += 1;
    return;
  }
}

// Lines that code stands on are read out of what `lua_dump` writes for a chunk that was compiled right here: Lua tells them
// of a function only once it exists as a value, and one that never ran does not. The format is that of ldump.c in Lua 5.4;
// any other makes `reader.bad` true, and the caller is told that the lines are unknown.

typedef struct dump {
  uint8_t *bytes;
  size_t length, capacity;
} dump;

typedef struct reader {
  const uint8_t *at, *end;
  bool bad;
  uint8_t *active;
  size_t lines;
} reader;

static int keep(lua_State *L, const void *piece, size_t size, void *data) {
  (void)L;
  dump *kept = data;
  if (kept->length + size > kept->capacity) {
    size_t capacity = (kept->length + size) * 2;
    uint8_t *bytes = realloc(kept->bytes, capacity);
    if (bytes == NULL) return 1;
    kept->bytes = bytes;
    kept->capacity = capacity;
  }
  memcpy(kept->bytes + kept->length, piece, size);
  kept->length += size;
  return 0;
}

static void skip(reader *input, size_t count) {
  if ((size_t)(input->end - input->at) < count) input->bad = true;
  else input->at += count;
}

static uint8_t byte(reader *input) {
  if (input->at == input->end) input->bad = true;
  return input->bad ? 0 : *input->at++;
}

/// Seven bits a byte, the most significant first; the last one has the eighth bit set.
static size_t number(reader *input) {
  size_t value = 0;
  while (!input->bad) {
    uint8_t next = byte(input);
    if (value > SIZE_MAX >> 7) input->bad = true;
    value = value << 7 | (next & 0x7f);
    if (next & 0x80) break;
  }
  return input->bad ? 0 : value;
}

static void skip_string(reader *input) {
  size_t size = number(input);
  if (size > 0) skip(input, size - 1);
}

static void skip_constants(reader *input) {
  for (size_t left = number(input); left > 0 && !input->bad; left -= 1) {
    switch (byte(input)) {
    case 0x00: case 0x01: case 0x11: break;                  // nil, false, true
    case 0x03: case 0x13: skip(input, sizeof(lua_Integer)); break; // integer, float
    case 0x04: case 0x14: skip_string(input); break;
    default: input->bad = true;
    }
  }
}

/// Marks the lines of the instructions: each is so far from the line before, or stands in the list of absolute ones.
static void mark_lines(reader *input, size_t first_line, bool is_vararg) {
  size_t count = number(input);
  const uint8_t *steps = input->at;
  skip(input, count);
  size_t absolute_left = number(input);
  size_t at = SIZE_MAX, line_there = 0;
  if (absolute_left > 0) {
    at = number(input);
    line_there = number(input);
  }
  size_t line = first_line;
  for (size_t place = 0; place < count && !input->bad; place += 1) {
    int8_t step = (int8_t)steps[place];
    if (step != -0x80) {
      line += (size_t)(ptrdiff_t)step;
    } else {
      line = line_there;
      if (place != at) input->bad = true;
      absolute_left -= absolute_left > 0;
      if (absolute_left > 0) {
        at = number(input);
        line_there = number(input);
      }
    }
    // The first instruction of a function with `...` prepares it and belongs to no line.
    if (line < input->lines && !(is_vararg && place == 0)) input->active[line] = 1;
  }
  if (absolute_left > 0) input->bad = true;
}

static void read_function(reader *input, int depth) {
  if (depth > 250) input->bad = true;
  skip_string(input); // source
  size_t first_line = number(input);
  number(input); // last line
  byte(input);   // parameters
  bool is_vararg = byte(input) != 0;
  byte(input); // stack
  skip(input, number(input) * 4);
  skip_constants(input);
  skip(input, number(input) * 3); // upvalues
  for (size_t left = number(input); left > 0 && !input->bad; left -= 1) read_function(input, depth + 1);
  mark_lines(input, first_line, is_vararg);
  for (size_t left = number(input); left > 0 && !input->bad; left -= 1) { // locals
    skip_string(input);
    number(input);
    number(input);
  }
  for (size_t left = number(input); left > 0 && !input->bad; left -= 1) skip_string(input); // names of upvalues
}

bool bridge_active_lines(const char *text, size_t length, uint8_t *active, size_t lines) {
  lua_State *L = luaL_newstate();
  if (L == NULL) return false;
  dump kept = {0};
  bool ok = luaL_loadbufferx(L, text, length, "=", "t") == LUA_OK && lua_dump(L, keep, &kept, 0) == 0;
  lua_close(L);
  static const uint8_t head[] = {0x1b, 'L', 'u', 'a', 0x54, 0, 0x19, 0x93, '\r', '\n', 0x1a, '\n', 4, 8, 8};
  if (ok && kept.length > sizeof head && memcmp(kept.bytes, head, sizeof head) == 0) {
    reader input = {.at = kept.bytes + sizeof head, .end = kept.bytes + kept.length, .active = active, .lines = lines};
    skip(&input, sizeof(lua_Integer) + sizeof(lua_Number) + 1); // samples of both, and the number of upvalues
    read_function(&input, 0);
    ok = !input.bad && input.at == input.end;
  } else {
    ok = false;
  }
  free(kept.bytes);
  return ok;
}
