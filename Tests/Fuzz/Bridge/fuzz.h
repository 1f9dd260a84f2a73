/// What the fuzz targets of the bridge share: reading an input piece by piece, and the oracle of flat buffers.
#ifndef FUZZ_H
#define FUZZ_H

#include "CLuaBridge.h"
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/// A target's finding: said, and then a crash that the fuzzer keeps the input of.
#define FOUND(...) (fprintf(stderr, "FOUND " __VA_ARGS__), fputc('\n', stderr), abort())

/// An input that is used up piece by piece; at its end there are only zeros.
typedef struct fuzz_input {
  const uint8_t *bytes;
  size_t length;
} fuzz_input;

static inline uint8_t take_byte(fuzz_input *input) {
  if (input->length == 0) return 0;
  input->length -= 1;
  return *input->bytes++;
}

static inline const uint8_t *take_bytes(fuzz_input *input, size_t count) {
  const uint8_t *at = input->bytes;
  input->bytes += count;
  input->length -= count;
  return at;
}

static inline size_t least(size_t one, size_t other) { return one < other ? one : other; }

/// A flat buffer that is being written.
typedef struct flat {
  uint8_t bytes[1 << 16];
  size_t length;
} flat;

static inline void flat_bytes(flat *out, const void *bytes, size_t length) {
  if (sizeof out->bytes - out->length < length) FOUND("a flat buffer of the target is too small");
  if (length > 0) memcpy(out->bytes + out->length, bytes, length);
  out->length += length;
}

static inline void flat_tag(flat *out, uint8_t tag) { flat_bytes(out, &tag, 1); }

static inline void flat_integer(flat *out, int64_t number) {
  flat_tag(out, BRIDGE_TAG_INTEGER);
  flat_bytes(out, &number, 8);
}

static inline void flat_double(flat *out, double number) {
  flat_tag(out, BRIDGE_TAG_DOUBLE);
  flat_bytes(out, &number, 8);
}

static inline void flat_count(flat *out, uint8_t tag, uint32_t count) {
  flat_tag(out, tag);
  flat_bytes(out, &count, 4);
}

static inline void flat_text(flat *out, const void *text, uint32_t length) {
  flat_count(out, BRIDGE_TAG_STRING, length);
  flat_bytes(out, text, length);
}

static inline void flat_node(flat *out, uint32_t node, uint8_t kind) {
  flat_count(out, BRIDGE_TAG_NODE, node);
  flat_bytes(out, &kind, 1);
}

/// Stops the fuzzer unless the buffer is a sequence of whole items that Swift can read: known tags, UTF-8, finite numbers,
/// and no more nesting than a value may have. `what` says where it came from.
void check_flat(const uint8_t *bytes, size_t length, const char *what);

/// Stops the fuzzer unless the outcome is one that the bridge promises.
void check_outcome(const bridge_outcome *outcome, const char *what);

#endif
