/// string.find, match, gmatch and gsub over the charged matcher.
#define _GNU_SOURCE // memmem
#include "matcher.h"
#include <string.h>

/// A start argument as an offset from 0; past the end gives length + 1.
static size_t start_offset(lua_Integer start, size_t length) {
  if (start > 0) return (size_t)start - 1;
  if (start == 0 || start < -(lua_Integer)length) return 0;
  return length + (size_t)start;
}

static bool is_plain(const char *pattern, size_t length) {
  for (size_t index = 0; index < length; index += 1)
    if (pattern[index] != 0 && strchr("^$*+?.([%-", pattern[index]) != NULL) return false;
  return true;
}

static int find_plain(lua_State *L, const char *text, size_t length, const char *wanted, size_t wanted_length,
                      size_t start) {
  charge(L, (length - start) / 16 + 1);
  const char *found = wanted_length == 0 ? text + start : memmem(text + start, length - start, wanted, wanted_length);
  if (found == NULL) {
    lua_pushnil(L);
    return 1;
  }
  lua_pushinteger(L, found - text + 1);
  lua_pushinteger(L, found - text + (lua_Integer)wanted_length);
  return 2;
}

static int search(lua_State *L, bool find) {
  size_t length, pattern_length;
  const char *text = luaL_checklstring(L, 1, &length), *pattern = luaL_checklstring(L, 2, &pattern_length);
  size_t start = start_offset(luaL_optinteger(L, 3, 1), length);
  if (start > length) {
    lua_pushnil(L);
    return 1;
  }
  if (find && (lua_toboolean(L, 4) || is_plain(pattern, pattern_length)))
    return find_plain(L, text, length, pattern, pattern_length, start);
  bool anchored = pattern_length > 0 && *pattern == '^';
  matcher m;
  prepare_matcher(&m, L, text, length, pattern + anchored, pattern_length - anchored);
  for (const char *at = text + start; at <= m.text_end; at += 1) {
    const char *end = match_at(&m, at);
    if (end != NULL) {
      settle_steps(&m);
      if (!find) return push_captures(&m, at, end);
      lua_pushinteger(L, at - text + 1);
      lua_pushinteger(L, end - text);
      return push_captures(&m, NULL, NULL) + 2;
    }
    if (anchored) break;
  }
  settle_steps(&m);
  lua_pushnil(L);
  return 1;
}

static int find(lua_State *L) { return search(L, true); }
static int match(lua_State *L) { return search(L, false); }

/// Upvalues: text, pattern, offset to go on at, offset where the last match ended (-1: none).
int gmatch_step(lua_State *L) {
  size_t length, pattern_length;
  const char *text = lua_tolstring(L, lua_upvalueindex(1), &length);
  const char *pattern = lua_tolstring(L, lua_upvalueindex(2), &pattern_length);
  lua_Integer last = lua_tointeger(L, lua_upvalueindex(4));
  matcher m;
  prepare_matcher(&m, L, text, length, pattern, pattern_length);
  for (size_t offset = (size_t)lua_tointeger(L, lua_upvalueindex(3)); offset <= length; offset += 1) {
    const char *end = match_at(&m, text + offset);
    if (end == NULL || end - text == last) continue;
    settle_steps(&m);
    lua_pushinteger(L, end - text);
    lua_pushvalue(L, -1);
    lua_replace(L, lua_upvalueindex(3));
    lua_replace(L, lua_upvalueindex(4));
    return push_captures(&m, text + offset, end);
  }
  settle_steps(&m);
  return 0;
}

static int gmatch(lua_State *L) {
  size_t length;
  luaL_checklstring(L, 1, &length);
  luaL_checkstring(L, 2);
  size_t start = start_offset(luaL_optinteger(L, 3, 1), length);
  lua_settop(L, 2);
  lua_pushinteger(L, (lua_Integer)(start > length ? length + 1 : start));
  lua_pushinteger(L, -1);
  lua_pushcclosure(L, gmatch_step, 4);
  return 1;
}

static void add_template(matcher *m, luaL_Buffer *result, const char *start, const char *end) {
  size_t length;
  const char *template = lua_tolstring(m->L, 3, &length), *template_end = template + length;
  for (; template < template_end; template += 1) {
    if (*template != '%') {
      luaL_addchar(result, *template);
      continue;
    }
    template += 1;
    char letter = template < template_end ? *template : 0;
    if (letter == '%') {
      luaL_addchar(result, '%');
    } else if (letter == '0') {
      luaL_addlstring(result, start, (size_t)(end - start));
    } else if (letter >= '1' && letter <= '9') {
      push_capture(m, letter - '1', start, end);
      luaL_tolstring(m->L, -1, NULL);
      lua_remove(m->L, -2);
      luaL_addvalue(result);
    } else {
      luaL_error(m->L, "invalid use of '%%' in replacement string");
    }
  }
}

/// Appends what takes the place of the match; returns whether anything changed.
static bool add_replacement(matcher *m, luaL_Buffer *result, const char *start, const char *end, int type) {
  lua_State *L = m->L;
  if (type == LUA_TFUNCTION) {
    lua_pushvalue(L, 3);
    lua_call(L, push_captures(m, start, end), 1);
  } else if (type == LUA_TTABLE) {
    push_capture(m, 0, start, end);
    lua_gettable(L, 3);
  } else {
    add_template(m, result, start, end);
    return true;
  }
  if (!lua_toboolean(L, -1)) {
    lua_pop(L, 1);
    luaL_addlstring(result, start, (size_t)(end - start));
    return false;
  }
  if (!lua_isstring(L, -1)) luaL_error(L, "invalid replacement value (a %s)", luaL_typename(L, -1));
  luaL_addvalue(result);
  return true;
}

static int gsub(lua_State *L) {
  size_t length, pattern_length;
  const char *text = luaL_checklstring(L, 1, &length), *pattern = luaL_checklstring(L, 2, &pattern_length);
  int type = lua_type(L, 3);
  luaL_argexpected(L, type == LUA_TNUMBER || type == LUA_TSTRING || type == LUA_TFUNCTION || type == LUA_TTABLE, 3,
                   "string/function/table");
  lua_Integer most = luaL_optinteger(L, 4, (lua_Integer)length + 1), count = 0;
  if (type == LUA_TNUMBER) lua_tostring(L, 3);
  lua_settop(L, 4);
  bool anchored = pattern_length > 0 && *pattern == '^', changed = false;
  matcher m;
  prepare_matcher(&m, L, text, length, pattern + anchored, pattern_length - anchored);
  luaL_Buffer result;
  luaL_buffinit(L, &result);
  const char *at = text, *last = NULL;
  while (count < most) {
    const char *end = match_at(&m, at);
    if (end != NULL && end != last) {
      count += 1;
      settle_steps(&m);
      changed |= add_replacement(&m, &result, at, end, type);
      at = last = end;
    } else if (at < m.text_end) {
      luaL_addchar(&result, *at);
      at += 1;
    } else {
      break;
    }
    if (anchored) break;
  }
  settle_steps(&m);
  if (!changed) {
    lua_pushvalue(L, 1);
  } else {
    luaL_addlstring(&result, at, (size_t)(m.text_end - at));
    luaL_pushresult(&result);
  }
  lua_pushinteger(L, count);
  return 2;
}

void open_patterns(lua_State *L) {
  static const luaL_Reg functions[] = {
    {"find", find}, {"match", match}, {"gmatch", gmatch}, {"gsub", gsub}, {NULL, NULL}};
  luaL_setfuncs(L, functions, 0);
}
