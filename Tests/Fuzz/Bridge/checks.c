#include "fuzz.h"
#include <math.h>

static size_t need(size_t at, size_t count, size_t length, const char *what) {
  if (length - at < count) FOUND("%s: an item is cut short at %zu of %zu", what, at, length);
  return at + count;
}

static size_t check_text(const uint8_t *bytes, size_t at, size_t length, const char *what) {
  uint32_t count;
  memcpy(&count, bytes + at, need(at, 4, length, what) - at);
  at += 4;
  size_t end = need(at, count, length, what);
  while (at < end) {
    uint8_t lead = bytes[at];
    size_t step = lead < 0x80 ? 1 : lead >= 0xC2 && lead < 0xE0 ? 2 : lead >= 0xE0 && lead < 0xF0 ? 3
                  : lead >= 0xF0 && lead < 0xF5                 ? 4
                                                                : 0;
    if (step == 0 || end - at < step) FOUND("%s: text that is not UTF-8", what);
    for (size_t index = 1; index < step; index += 1)
      if ((bytes[at + index] & 0xC0) != 0x80) FOUND("%s: text that is not UTF-8", what);
    uint8_t second = step > 1 ? bytes[at + 1] : 0;
    if ((lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) || (lead == 0xF0 && second < 0x90)
        || (lead == 0xF4 && second > 0x8F))
      FOUND("%s: a surrogate, or too long a form", what);
    at += step;
  }
  return end;
}

static size_t check_item(const uint8_t *bytes, size_t at, size_t length, int depth, const char *what) {
  if (depth > 140) FOUND("%s: nested too deep", what);
  need(at, 1, length, what);
  uint8_t tag = bytes[at];
  at += 1;
  uint32_t count = 0;
  double number;
  switch (tag) {
  case BRIDGE_TAG_ABSENT:
  case BRIDGE_TAG_NULL:
  case BRIDGE_TAG_FALSE:
  case BRIDGE_TAG_TRUE:
  case BRIDGE_TAG_EMPTY: return at;
  case BRIDGE_TAG_INTEGER: return need(at, 8, length, what);
  case BRIDGE_TAG_DOUBLE:
    memcpy(&number, bytes + at, need(at, 8, length, what) - at);
    if (!isfinite(number)) FOUND("%s: a number that is not finite", what);
    return at + 8;
  case BRIDGE_TAG_STRING:
  case BRIDGE_TAG_LINK: return check_text(bytes, at, length, what);
  case BRIDGE_TAG_FUNCTION: return need(at, 4, length, what);
  case BRIDGE_TAG_NODE: return need(at, 5, length, what);
  case BRIDGE_TAG_LIST:
  case BRIDGE_TAG_OBJECT:
    memcpy(&count, bytes + at, need(at, 4, length, what) - at);
    at += 4;
    for (uint32_t item = 0; item < count; item += 1) {
      if (tag == BRIDGE_TAG_OBJECT) at = check_text(bytes, at, length, what);
      at = check_item(bytes, at, length, depth + 1, what);
    }
    return at;
  default: FOUND("%s: the unknown tag %d", what, tag);
  }
  return at;
}

void check_flat(const uint8_t *bytes, size_t length, const char *what) {
  for (size_t at = 0; at < length;) at = check_item(bytes, at, length, 0, what);
}

void check_outcome(const bridge_outcome *outcome, const char *what) {
  if (outcome->status < BRIDGE_OK || outcome->status > BRIDGE_DEAD) FOUND("%s: status %d", what, outcome->status);
  if (outcome->status == BRIDGE_OK) {
    check_flat(outcome->bytes, outcome->length, what);
    return;
  }
  bool own = outcome->status == BRIDGE_SYNTAX || outcome->status == BRIDGE_LIMIT || outcome->status == BRIDGE_DEAD;
  if (outcome->message[0] == 0 && own) // the others say what the recipe or the host said
    FOUND("%s: status %d without a message", what, outcome->status);
  if (strlen(outcome->message) >= 4096 || strlen(outcome->traceback) >= 4096) FOUND("%s: a long message", what);
  if ((outcome->status == BRIDGE_LIMIT) != (outcome->limit != BRIDGE_LIMIT_NONE && outcome->limit != BRIDGE_LIMIT_ABORT))
    FOUND("%s: status %d with limit %d", what, outcome->status, outcome->limit);
}
