/// math, with a generator that derives from the event; utf8.
#include "internal.h"

static uint64_t rotate_left(uint64_t word, int bits) { return (word << bits) | (word >> (64 - bits)); }

/// xoshiro256** by Blackman and Vigna.
static uint64_t next_random(uint64_t state[4]) {
  uint64_t result = rotate_left(state[1] * 5, 7) * 9, shifted = state[1] << 17;
  state[2] ^= state[0];
  state[3] ^= state[1];
  state[1] ^= state[2];
  state[0] ^= state[3];
  state[2] ^= shifted;
  state[3] = rotate_left(state[3], 45);
  return result;
}

/// Seeds by splitmix64, as its authors advise.
void seed_random(uint64_t state[4], uint64_t seed) {
  for (int index = 0; index < 4; index += 1) {
    seed += 0x9E3779B97F4A7C15u;
    uint64_t word = seed;
    word = (word ^ (word >> 30)) * 0xBF58476D1CE4E5B9u;
    word = (word ^ (word >> 27)) * 0x94D049BB133111EBu;
    state[index] = word ^ (word >> 31);
  }
}

/// Uniform in 0...limit: values above the last whole multiple are drawn again.
static uint64_t random_below_or_at(uint64_t state[4], uint64_t limit) {
  if (limit == UINT64_MAX) return next_random(state);
  uint64_t range = limit + 1, excess = (0u - range) % range, word;
  do word = next_random(state);
  while (word < excess);
  return word % range;
}

int random_number(lua_State *L, int first) {
  uint64_t *state = vm_of(L)->random;
  lua_Integer low = 1, high;
  if (lua_isnoneornil(L, first)) {
    lua_pushnumber(L, (lua_Number)(next_random(state) >> 11) * 0x1p-53);
    return 1;
  }
  high = luaL_checkinteger(L, first);
  if (!lua_isnoneornil(L, first + 1)) {
    low = high;
    high = luaL_checkinteger(L, first + 1);
  }
  luaL_argcheck(L, low <= high, first, "interval is empty");
  lua_pushinteger(L, (lua_Integer)(random_below_or_at(state, (uint64_t)high - (uint64_t)low) + (uint64_t)low));
  return 1;
}

static int math_random(lua_State *L) { return random_number(L, 1); }

static int charged_utf8(lua_State *L, const char *name) {
  size_t length;
  luaL_checklstring(L, 1, &length);
  charge(L, length / 16 + 1);
  lua_getfield(L, LUA_REGISTRYINDEX, name);
  lua_CFunction function = lua_tocfunction(L, -1);
  lua_pop(L, 1);
  return function(L);
}

static int utf8_len(lua_State *L) { return charged_utf8(L, "utf8.len"); }
static int utf8_offset(lua_State *L) { return charged_utf8(L, "utf8.offset"); }

static void wrap(lua_State *L, const char *name, const char *saved, lua_CFunction function) {
  lua_getfield(L, -1, name);
  lua_setfield(L, LUA_REGISTRYINDEX, saved);
  lua_pushcfunction(L, function);
  lua_setfield(L, -2, name);
}

void open_numbers(lua_State *L) {
  // Seeding is the engine's; the others are leftovers of older Luas that a distribution may compile in.
  static const char *const absent[] = {"randomseed", "atan2", "cosh", "frexp", "ldexp", "log10", "pow", "sinh", "tanh",
                                       NULL};
  lua_pushcfunction(L, luaopen_math);
  lua_call(L, 0, 1);
  lua_pushcfunction(L, math_random);
  lua_setfield(L, -2, "random");
  for (int index = 0; absent[index] != NULL; index += 1) {
    lua_pushnil(L);
    lua_setfield(L, -2, absent[index]);
  }
  lua_setfield(L, -2, "math");
  lua_pushcfunction(L, luaopen_utf8);
  lua_call(L, 0, 1);
  wrap(L, "len", "utf8.len", utf8_len);
  wrap(L, "offset", "utf8.offset", utf8_offset);
  lua_setfield(L, -2, "utf8");
}
