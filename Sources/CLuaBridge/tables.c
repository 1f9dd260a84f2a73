/// The table library. Loops in C are charged, ranges are bounded by what they touch, and sorting is a stable merge sort,
/// so that its result depends on nothing but its input.
#include "internal.h"
#include <limits.h>

static lua_Integer checked_length(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  return luaL_len(L, 1);
}

static int insert(lua_State *L) {
  lua_Integer end = (lua_Integer)((lua_Unsigned)checked_length(L) + 1);
  if (lua_gettop(L) == 2) {
    lua_seti(L, 1, end);
    return 0;
  }
  if (lua_gettop(L) != 3) return luaL_error(L, "wrong number of arguments to 'insert'");
  lua_Integer position = luaL_checkinteger(L, 2);
  luaL_argcheck(L, (lua_Unsigned)position - 1u < (lua_Unsigned)end, 2, "position out of bounds");
  for (lua_Integer index = end; index > position; index -= 1) {
    charge(L, 1);
    lua_geti(L, 1, index - 1);
    lua_seti(L, 1, index);
  }
  lua_seti(L, 1, position);
  return 0;
}

static int remove_item(lua_State *L) {
  lua_Integer length = checked_length(L);
  lua_Integer position = luaL_optinteger(L, 2, length);
  if (lua_gettop(L) > 1)
    luaL_argcheck(L, (lua_Unsigned)length + 1u - (lua_Unsigned)position <= (lua_Unsigned)length
                         || length == position || (length == 0 && position == 0),
                  2, "position out of bounds");
  lua_geti(L, 1, position);
  for (; position < length; position += 1) {
    charge(L, 1);
    lua_geti(L, 1, position + 1);
    lua_seti(L, 1, position);
  }
  lua_pushnil(L);
  lua_seti(L, 1, position);
  return 1;
}

static int move(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_Integer first = luaL_checkinteger(L, 2), last = luaL_checkinteger(L, 3), target = luaL_checkinteger(L, 4);
  int to = lua_isnoneornil(L, 5) ? 1 : 5;
  luaL_checktype(L, to, LUA_TTABLE);
  if (last < first) {
    lua_pushvalue(L, to);
    return 1;
  }
  luaL_argcheck(L, first > 0 || last < LUA_MAXINTEGER + first, 3, "too many elements to move");
  luaL_argcheck(L, target <= LUA_MAXINTEGER - (last - first), 4, "destination wrap around");
  bool backwards = target > first && target <= last && (to == 1 || lua_rawequal(L, 1, to));
  for (lua_Integer step = 0; step <= last - first; step += 1) {
    lua_Integer offset = backwards ? last - first - step : step;
    charge(L, 1);
    lua_geti(L, 1, first + offset);
    lua_seti(L, to, target + offset);
  }
  lua_pushvalue(L, to);
  return 1;
}

static int concat(lua_State *L) {
  lua_Integer length = checked_length(L);
  size_t separator_length;
  const char *separator = luaL_optlstring(L, 2, "", &separator_length);
  lua_Integer first = luaL_optinteger(L, 3, 1), last = luaL_optinteger(L, 4, length);
  luaL_Buffer text;
  luaL_buffinit(L, &text);
  for (lua_Integer index = first; index <= last; index += 1) {
    charge(L, 1);
    lua_geti(L, 1, index);
    if (!lua_isstring(L, -1))
      return luaL_error(L, "invalid value (%s) at index %I in table for 'concat'", luaL_typename(L, -1), index);
    luaL_addvalue(&text);
    if (index == last) break; // also keeps the index from wrapping around
    luaL_addlstring(&text, separator, separator_length);
  }
  luaL_pushresult(&text);
  return 1;
}

static int pack(lua_State *L) {
  int count = lua_gettop(L);
  lua_createtable(L, count, 1);
  lua_insert(L, 1);
  for (int index = count; index >= 1; index -= 1) lua_seti(L, 1, index);
  lua_pushinteger(L, count);
  lua_setfield(L, 1, "n");
  return 1;
}

static int unpack(lua_State *L) {
  lua_Integer first = luaL_optinteger(L, 2, 1), last = lua_isnoneornil(L, 3) ? luaL_len(L, 1) : luaL_checkinteger(L, 3);
  if (first > last) return 0;
  lua_Unsigned count = (lua_Unsigned)last - (lua_Unsigned)first;
  if (count >= (lua_Unsigned)INT_MAX || !lua_checkstack(L, (int)(count + 1)))
    return luaL_error(L, "too many results to unpack");
  for (; first < last; first += 1) {
    charge(L, 1);
    lua_geti(L, 1, first);
  }
  lua_geti(L, 1, last);
  return (int)count + 1;
}

/// With the table at 1 and the order at 2 (or nil): whether the value at the top comes before the one beneath it.
static bool is_before(lua_State *L, int one, int other) {
  charge(L, 2);
  if (lua_isnil(L, 2)) return lua_compare(L, one, other, LUA_OPLT);
  one = lua_absindex(L, one);
  other = lua_absindex(L, other);
  lua_pushvalue(L, 2);
  lua_pushvalue(L, one);
  lua_pushvalue(L, other);
  lua_call(L, 2, 1);
  bool before = lua_toboolean(L, -1);
  lua_pop(L, 1);
  return before;
}

/// Merges [low, middle) and [middle, high) of the list at `from` into the list at `to`.
static void merge(lua_State *L, int from, int to, lua_Integer low, lua_Integer middle, lua_Integer high) {
  lua_Integer left = low, right = middle;
  for (lua_Integer target = low; target < high; target += 1) {
    bool take_right = left >= middle;
    if (left < middle && right < high) {
      lua_rawgeti(L, from, left);
      lua_rawgeti(L, from, right);
      take_right = is_before(L, -1, -2);
      lua_pop(L, 2);
    }
    lua_rawgeti(L, from, take_right ? right++ : left++);
    lua_rawseti(L, to, target);
  }
}

static int sort(lua_State *L) {
  lua_Integer count = checked_length(L);
  if (is_frozen(L, 1)) return luaL_error(L, "table.sort: this table is read-only; state belongs in cells");
  if (count < 2) return 0;
  luaL_argcheck(L, count < INT_MAX, 1, "array too big");
  if (!lua_isnoneornil(L, 2)) luaL_checktype(L, 2, LUA_TFUNCTION);
  lua_settop(L, 2);
  lua_createtable(L, 0, 0);
  lua_createtable(L, 0, 0);
  for (lua_Integer index = 1; index <= count; index += 1) {
    charge(L, 1);
    lua_geti(L, 1, index);
    lua_rawseti(L, 3, index);
  }
  int from = 3, to = 4;
  for (lua_Integer width = 1; width < count; width *= 2) {
    for (lua_Integer low = 1; low <= count; low += 2 * width) {
      lua_Integer middle = low + width > count ? count + 1 : low + width;
      lua_Integer high = low + 2 * width > count ? count + 1 : low + 2 * width;
      merge(L, from, to, low, middle, high);
    }
    int swap = from;
    from = to;
    to = swap;
  }
  for (lua_Integer index = 1; index <= count; index += 1) {
    charge(L, 1);
    lua_rawgeti(L, from, index);
    lua_seti(L, 1, index);
  }
  return 0;
}

void open_tables(lua_State *L) {
  static const luaL_Reg functions[] = {
    {"concat", concat}, {"insert", insert}, {"move", move},     {"pack", pack},
    {"remove", remove_item}, {"sort", sort}, {"unpack", unpack}, {NULL, NULL},
  };
  luaL_newlib(L, functions);
  lua_setfield(L, -2, "table");
}
