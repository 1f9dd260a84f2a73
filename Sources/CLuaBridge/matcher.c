/// Backtracking over Lua's patterns: single characters and classes with * + - ?, captures, back references, %b and %f.
#include "matcher.h"
#include <ctype.h>
#include <string.h>

#define STEPS_PER_CHARGE 256

void prepare_matcher(matcher *m, lua_State *L, const char *text, size_t text_length, const char *pattern,
                     size_t pattern_length) {
  m->L = L;
  m->text = text;
  m->text_end = text + text_length;
  m->pattern = pattern;
  m->pattern_end = pattern + pattern_length;
  m->depth = 0;
  m->steps = 0;
  m->captures = 0;
}

void settle_steps(matcher *m) {
  uint32_t steps = m->steps;
  m->steps = 0;
  charge_pattern(m->L, steps);
}

static void step(matcher *m) {
  m->steps += 1;
  if (m->steps >= STEPS_PER_CHARGE) settle_steps(m);
}

static bool in_class(unsigned char byte, unsigned char class) {
  bool inside;
  switch (tolower(class)) {
  case 'a': inside = isalpha(byte); break;
  case 'c': inside = iscntrl(byte); break;
  case 'd': inside = isdigit(byte); break;
  case 'g': inside = isgraph(byte); break;
  case 'l': inside = islower(byte); break;
  case 'p': inside = ispunct(byte); break;
  case 's': inside = isspace(byte); break;
  case 'u': inside = isupper(byte); break;
  case 'w': inside = isalnum(byte); break;
  case 'x': inside = isxdigit(byte); break;
  case 'z': inside = byte == 0; break; // of old, before patterns could hold a zero; Lua still has it
  default: return class == byte;
  }
  return isupper(class) ? !inside : inside;
}

/// The end of the single-character item that begins at `p`.
static const char *item_end(matcher *m, const char *p) {
  char first = *p++;
  if (first == '%') {
    if (p == m->pattern_end) luaL_error(m->L, "malformed pattern (ends with '%%')");
    return p + 1;
  }
  if (first != '[') return p;
  if (p < m->pattern_end && *p == '^') p += 1;
  bool first_member = true; // a ']' here stands for itself
  while (first_member || p == m->pattern_end || *p != ']') {
    if (p >= m->pattern_end) luaL_error(m->L, "malformed pattern (missing ']')");
    if (*p++ == '%') p += 1;
    first_member = false;
    if (p > m->pattern_end) luaL_error(m->L, "malformed pattern (missing ']')");
    step(m);
  }
  return p + 1;
}

/// Whether `byte` is in the set from '[' at `p` to ']' at `last`.
static bool in_set(matcher *m, unsigned char byte, const char *p, const char *last) {
  bool found = true;
  p += 1;
  if (*p == '^') {
    found = false;
    p += 1;
  }
  for (; p < last; p += 1) {
    step(m);
    if (*p == '%') {
      p += 1;
      if (in_class(byte, (unsigned char)*p)) return found;
    } else if (p + 2 < last && p[1] == '-') {
      if ((unsigned char)p[0] <= byte && byte <= (unsigned char)p[2]) return found;
      p += 2;
    } else if ((unsigned char)*p == byte) {
      return found;
    }
  }
  return !found;
}

/// Whether the item from `p` to `end` matches the character at `at`.
static bool matches_one(matcher *m, const char *at, const char *p, const char *end) {
  step(m);
  if (at >= m->text_end) return false;
  unsigned char byte = (unsigned char)*at;
  switch (*p) {
  case '.': return true;
  case '%': return in_class(byte, (unsigned char)p[1]);
  case '[': return in_set(m, byte, p, end - 1);
  default: return (unsigned char)*p == byte;
  }
}

static const char *match(matcher *m, const char *at, const char *p);

static const char *match_balanced(matcher *m, const char *at, const char *p) {
  if (p + 1 >= m->pattern_end) luaL_error(m->L, "malformed pattern (missing arguments to '%%b')");
  if (at >= m->text_end || *at != p[0]) return NULL;
  int open = 1;
  for (at += 1; at < m->text_end; at += 1) {
    step(m);
    if (*at == p[1]) {
      open -= 1;
      if (open == 0) return at + 1;
    } else if (*at == p[0]) {
      open += 1;
    }
  }
  return NULL;
}

static const char *match_most(matcher *m, const char *at, const char *p, const char *end) {
  ptrdiff_t count = 0;
  while (matches_one(m, at + count, p, end)) count += 1;
  for (; count >= 0; count -= 1) {
    const char *found = match(m, at + count, end + 1);
    if (found != NULL) return found;
  }
  return NULL;
}

static const char *match_least(matcher *m, const char *at, const char *p, const char *end) {
  for (;; at += 1) {
    const char *found = match(m, at, end + 1);
    if (found != NULL) return found;
    if (!matches_one(m, at, p, end)) return NULL;
  }
}

static const char *open_capture(matcher *m, const char *at, const char *p, ptrdiff_t kind) {
  if (m->captures >= MATCH_CAPTURES_MAX) luaL_error(m->L, "too many captures");
  m->capture[m->captures] = (capture){at, kind};
  m->captures += 1;
  const char *found = match(m, at, p);
  if (found == NULL) m->captures -= 1;
  return found;
}

static const char *close_capture(matcher *m, const char *at, const char *p) {
  int index = m->captures - 1;
  while (index >= 0 && m->capture[index].length != CAPTURE_OPEN) index -= 1;
  if (index < 0) luaL_error(m->L, "invalid pattern capture");
  m->capture[index].length = at - m->capture[index].start;
  const char *found = match(m, at, p);
  if (found == NULL) m->capture[index].length = CAPTURE_OPEN;
  return found;
}

static const char *match_back_reference(matcher *m, const char *at, char digit) {
  int index = digit - '1';
  if (index < 0 || index >= m->captures || m->capture[index].length == CAPTURE_OPEN)
    luaL_error(m->L, "invalid capture index %%%d", index + 1);
  if (m->capture[index].length == CAPTURE_POSITION) return NULL;
  size_t length = (size_t)m->capture[index].length;
  m->steps += (uint32_t)(length / 16);
  step(m);
  if ((size_t)(m->text_end - at) < length || memcmp(m->capture[index].start, at, length) != 0) return NULL;
  return at + length;
}

/// %f[set]: the place where the set begins to hold.
static bool at_frontier(matcher *m, const char *at, const char *p, const char *end) {
  unsigned char before = at == m->text ? 0 : (unsigned char)at[-1];
  unsigned char after = at == m->text_end ? 0 : (unsigned char)*at;
  return !in_set(m, before, p, end - 1) && in_set(m, after, p, end - 1);
}

/// %b, %f and %1 to %9. Moves `*p` past the item and returns where it ends in the text, NULL when it does not match;
/// `*special` is false when the item is an ordinary class.
static const char *match_special(matcher *m, const char *at, const char **p, bool *special) {
  const char *item = *p;
  char letter = item + 1 < m->pattern_end ? item[1] : 0;
  *special = true;
  if (letter == 'b') {
    *p = item + 4;
    return match_balanced(m, at, item + 2);
  }
  if (letter == 'f') {
    item += 2;
    if (item >= m->pattern_end || *item != '[') luaL_error(m->L, "missing '[' after '%%f' in pattern");
    *p = item_end(m, item);
    return at_frontier(m, at, item, *p) ? at : NULL;
  }
  if (letter >= '0' && letter <= '9') {
    *p = item + 2;
    return match_back_reference(m, at, letter);
  }
  *special = false;
  return NULL;
}

/// One item with its suffix. Returns the end of the whole match, or NULL; `*again` asks to go on at `*at` and `*p`.
static const char *match_item(matcher *m, const char **at, const char **p, bool *again) {
  const char *end = item_end(m, *p);
  char suffix = end < m->pattern_end ? *end : 0;
  *again = false;
  switch (suffix) {
  case '*': return match_most(m, *at, *p, end);
  case '+': return matches_one(m, *at, *p, end) ? match_most(m, *at + 1, *p, end) : NULL;
  case '-': return match_least(m, *at, *p, end);
  case '?':
    if (matches_one(m, *at, *p, end)) {
      const char *found = match(m, *at + 1, end + 1);
      if (found != NULL) return found;
    }
    *again = true;
    *p = end + 1;
    return NULL;
  default:
    if (!matches_one(m, *at, *p, end)) return NULL;
    *again = true;
    *at += 1;
    *p = end;
    return NULL;
  }
}

static const char *match_from(matcher *m, const char *at, const char *p) {
  while (p < m->pattern_end) {
    step(m);
    if (*p == '(') {
      bool position = p + 1 < m->pattern_end && p[1] == ')';
      return open_capture(m, at, p + (position ? 2 : 1), position ? CAPTURE_POSITION : CAPTURE_OPEN);
    }
    if (*p == ')') return close_capture(m, at, p + 1);
    if (*p == '$' && p + 1 == m->pattern_end) return at == m->text_end ? at : NULL;
    if (*p == '%') {
      bool special;
      const char *after = match_special(m, at, &p, &special);
      if (special && after == NULL) return NULL;
      if (special) {
        at = after;
        continue;
      }
    }
    bool again;
    const char *found = match_item(m, &at, &p, &again);
    if (!again) return found;
  }
  return at;
}

static const char *match(matcher *m, const char *at, const char *p) {
  if (m->depth == MATCH_DEPTH_MAX) luaL_error(m->L, "pattern too complex");
  m->depth += 1;
  const char *found = match_from(m, at, p);
  m->depth -= 1;
  return found;
}

const char *match_at(matcher *m, const char *at) {
  m->captures = 0;
  m->depth = 0;
  return match(m, at, m->pattern);
}

void push_capture(matcher *m, int index, const char *start, const char *end) {
  if (index >= m->captures) {
    if (index != 0) luaL_error(m->L, "invalid capture index %%%d", index + 1);
    lua_pushlstring(m->L, start, (size_t)(end - start));
    return;
  }
  capture *capture = &m->capture[index];
  if (capture->length == CAPTURE_OPEN) luaL_error(m->L, "unfinished capture");
  if (capture->length == CAPTURE_POSITION) lua_pushinteger(m->L, capture->start - m->text + 1);
  else lua_pushlstring(m->L, capture->start, (size_t)capture->length);
}

int push_captures(matcher *m, const char *start, const char *end) {
  int count = m->captures == 0 && start != NULL ? 1 : m->captures;
  luaL_checkstack(m->L, count, "too many captures");
  for (int index = 0; index < count; index += 1) push_capture(m, index, start, end);
  return count;
}
