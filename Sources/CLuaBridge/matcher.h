/// The pattern matcher of `string.find` and its kin. Written for the sandbox: each step is charged to the budget, so a
/// pattern that backtracks without end is stopped like any other loop.
#ifndef CLUABRIDGE_MATCHER_H
#define CLUABRIDGE_MATCHER_H

#include "internal.h"

#define MATCH_CAPTURES_MAX 32
#define MATCH_DEPTH_MAX 200

enum { CAPTURE_OPEN = -1, CAPTURE_POSITION = -2 };

typedef struct capture {
  const char *start;
  ptrdiff_t length; ///< or CAPTURE_OPEN, CAPTURE_POSITION
} capture;

typedef struct matcher {
  lua_State *L;
  const char *text, *text_end;
  const char *pattern, *pattern_end;
  int depth;
  uint32_t steps; ///< not charged yet
  int captures;
  capture capture[MATCH_CAPTURES_MAX];
} matcher;

void prepare_matcher(matcher *m, lua_State *L, const char *text, size_t text_length, const char *pattern,
                     size_t pattern_length);
/// The end of the match of the whole pattern at `at`, or NULL.
const char *match_at(matcher *m, const char *at);
void settle_steps(matcher *m);
/// Pushes capture `index`; without captures, the whole match stands for the first.
void push_capture(matcher *m, int index, const char *start, const char *end);
/// Pushes all captures, or the whole match when there are none and `start` is given; returns how many.
int push_captures(matcher *m, const char *start, const char *end);

#endif
