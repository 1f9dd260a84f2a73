/// next, pairs and ipairs in an order that is the same in every process. Lua hashes strings with a seed of its own
/// choosing, so tables are walked in sorted order: numbers, then strings by bytes, then false and true.
#include "internal.h"
#include <stdlib.h>
#include <string.h>

static int rank(lua_State *L, int index) {
  switch (lua_type(L, index)) {
  case LUA_TNUMBER: return 0;
  case LUA_TSTRING: return 1;
  case LUA_TBOOLEAN: return 2;
  default: return 3;
  }
}

static int compare_strings(lua_State *L, int one, int other) {
  size_t one_length, other_length;
  const char *one_text = lua_tolstring(L, one, &one_length), *other_text = lua_tolstring(L, other, &other_length);
  int order = memcmp(one_text, other_text, one_length < other_length ? one_length : other_length);
  if (order != 0) return order;
  return one_length < other_length ? -1 : one_length > other_length;
}

static int compare_keys(lua_State *L, int one, int other) {
  int one_rank = rank(L, one), other_rank = rank(L, other);
  if (one_rank != other_rank) return one_rank < other_rank ? -1 : 1;
  if (one_rank == 0) return lua_compare(L, one, other, LUA_OPLT) ? -1 : lua_compare(L, other, one, LUA_OPLT);
  if (one_rank == 1) return compare_strings(L, one, other);
  return lua_toboolean(L, one) - lua_toboolean(L, other);
}

static bool is_before(lua_State *L, int keys, lua_Integer one, lua_Integer other) {
  lua_rawgeti(L, keys, one);
  lua_rawgeti(L, keys, other);
  bool before = compare_keys(L, -2, -1) < 0;
  lua_pop(L, 2);
  return before;
}

static void exchange(lua_State *L, int keys, lua_Integer one, lua_Integer other) {
  lua_rawgeti(L, keys, one);
  lua_rawgeti(L, keys, other);
  lua_rawseti(L, keys, one);
  lua_rawseti(L, keys, other);
}

static void sift_down(lua_State *L, int keys, lua_Integer root, lua_Integer count) {
  for (;;) {
    lua_Integer child = 2 * root;
    if (child > count) return;
    if (child < count && is_before(L, keys, child, child + 1)) child += 1;
    if (!is_before(L, keys, root, child)) return;
    exchange(L, keys, root, child);
    root = child;
  }
}

/// Heapsort: no two keys are equal, so stability does not matter, and the worst case is bounded.
static void sort_keys(lua_State *L, int keys, lua_Integer count) {
  for (lua_Integer root = count / 2; root >= 1; root -= 1) sift_down(L, keys, root, count);
  for (lua_Integer last = count; last > 1; last -= 1) {
    exchange(L, keys, 1, last);
    sift_down(L, keys, 1, last - 1);
  }
}

/// Pushes the sorted list of keys of the table at `index`.
lua_Integer push_sorted_keys(lua_State *L, int index) {
  luaL_checkstack(L, 8, NULL);
  lua_createtable(L, (int)lua_rawlen(L, index), 0);
  int keys = lua_gettop(L);
  lua_Integer count = 0;
  int unordered = 0;
  bool sorted = true;
  for (lua_pushnil(L); lua_next(L, index);) {
    lua_pop(L, 1);
    charge(L, 1); // a chain in the hash makes each step long
    if (rank(L, -1) == 3) unordered += 1;
    if (unordered > 1)
      luaL_error(L, "a table with several keys that are tables or functions has no order to walk it in; use a list");
    if (count > 0 && sorted) {
      lua_rawgeti(L, keys, count);
      sorted = compare_keys(L, -1, -2) < 0;
      lua_pop(L, 1);
    }
    count += 1;
    lua_pushvalue(L, -1);
    lua_rawseti(L, keys, count);
  }
  charge(L, (uint64_t)count);
  if (!sorted) {
    uint64_t rounds = 1;
    for (lua_Integer left = count; left > 1; left /= 2) rounds += 1;
    charge(L, (uint64_t)count * rounds);
    sort_keys(L, keys, count);
  }
  return count;
}

/// Upvalues: sorted keys, position, content (a table, or the proxy).
int walk_step(lua_State *L) {
  lua_Integer position = lua_tointeger(L, lua_upvalueindex(2));
  for (;;) {
    position += 1;
    if (lua_rawgeti(L, lua_upvalueindex(1), position) == LUA_TNIL) return 1;
    lua_pushvalue(L, -1);
    int type;
    if (lua_istable(L, lua_upvalueindex(3))) type = lua_rawget(L, lua_upvalueindex(3));
    else type = proxy_child(L, lua_upvalueindex(3));
    if (type != LUA_TNIL) break; // a field removed during the walk is passed over
    lua_pop(L, 2);
  }
  lua_pushinteger(L, position);
  lua_replace(L, lua_upvalueindex(2));
  return 2;
}

static int pairs(lua_State *L) {
  luaL_checkany(L, 1);
  lua_settop(L, 1);
  if (to_proxy(L, 1) != NULL) {
    proxy_keys(L);
    lua_pushinteger(L, 0);
    lua_pushvalue(L, 1);
  } else {
    if (luaL_getmetafield(L, 1, "__pairs") != LUA_TNIL) {
      lua_pushvalue(L, 1);
      lua_call(L, 1, 3);
      return 3;
    }
    luaL_checktype(L, 1, LUA_TTABLE);
    push_content(L, 1);
    push_sorted_keys(L, 2);
    lua_pushinteger(L, 0);
    lua_pushvalue(L, 2);
  }
  lua_pushcclosure(L, walk_step, 3);
  lua_pushvalue(L, 1);
  lua_pushnil(L);
  return 3;
}

/// The least key that comes after the given one. Linear; `pairs` is not built on it.
static int next(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 2);
  push_content(L, 1);
  bool first = lua_isnil(L, 2), found = false;
  lua_pushnil(L); // 4: the best key so far
  for (lua_pushnil(L); lua_next(L, 3);) {
    lua_pop(L, 1);
    charge(L, 1);
    if ((first || compare_keys(L, 2, -1) < 0) && (!found || compare_keys(L, -1, 4) < 0)) {
      lua_pushvalue(L, -1);
      lua_replace(L, 4);
      found = true;
    }
  }
  if (!found) return 1;
  lua_settop(L, 4);
  lua_pushvalue(L, 4);
  lua_rawget(L, 3);
  return 2;
}

static int step_index(lua_State *L) {
  lua_Integer index = luaL_checkinteger(L, 2) + 1;
  lua_pushinteger(L, index);
  return lua_geti(L, 1, index) == LUA_TNIL ? 1 : 2;
}

static int ipairs(lua_State *L) {
  luaL_checkany(L, 1);
  lua_pushcfunction(L, step_index);
  lua_pushvalue(L, 1);
  lua_pushinteger(L, 0);
  return 3;
}

void open_iterate(lua_State *L) {
  static const luaL_Reg functions[] = {{"next", next}, {"pairs", pairs}, {"ipairs", ipairs}, {NULL, NULL}};
  luaL_setfuncs(L, functions, 0);
}
