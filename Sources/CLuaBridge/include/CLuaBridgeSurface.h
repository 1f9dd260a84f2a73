/// Numbers shared with Swift: tags of the flat buffer, kinds of nodes, operations. `HostSurface.swift` mirrors them and
/// a test compares the two.
#ifndef CLUABRIDGE_SURFACE_H
#define CLUABRIDGE_SURFACE_H

#include <stdint.h>

/// Nested `bridge_call`s from inside host callbacks.
#define BRIDGE_DEPTH_MAX 8

enum bridge_tag {
  BRIDGE_TAG_ABSENT = 0,
  BRIDGE_TAG_NULL = 1,
  BRIDGE_TAG_FALSE = 2,
  BRIDGE_TAG_TRUE = 3,
  BRIDGE_TAG_INTEGER = 4,  ///< i64
  BRIDGE_TAG_DOUBLE = 5,   ///< f64
  BRIDGE_TAG_STRING = 6,   ///< u32 length, bytes
  BRIDGE_TAG_LIST = 7,     ///< u32 count, items
  BRIDGE_TAG_OBJECT = 8,   ///< u32 count, (u32 length, bytes, item)*
  BRIDGE_TAG_NODE = 9,     ///< u32 id, u8 kind
  BRIDGE_TAG_FUNCTION = 10, ///< u32 handle
  BRIDGE_TAG_LINK = 11,    ///< u32 length, bytes
  BRIDGE_TAG_EMPTY = 12,   ///< an empty table: list or object
  BRIDGE_TAG_CONTEXT = 13, ///< u32 byte length, one object item: the fields of `ctx`; only as an argument
  BRIDGE_TAG_CELLS = 14,   ///< u32 id of `cells` in a run whose lasting roots are all there; only as an argument
};

/// Nodes from here on name lasting roots: root cells that hold something in every run and mean the same node in each.
#define BRIDGE_NODE_LASTING 0x80000000u

enum bridge_kind {
  BRIDGE_KIND_OBJECT = 1,
  BRIDGE_KIND_LIST = 2,
  BRIDGE_KIND_SCALAR = 3,
  BRIDGE_KIND_CELLS = 4,
  BRIDGE_KIND_MANY = 5,
  BRIDGE_KIND_CONTEXT = 6,
};
#define BRIDGE_KIND_COUNT 7

enum bridge_operation {
  BRIDGE_OP_CHILD = 1,
  BRIDGE_OP_ASSIGN = 2,
  BRIDGE_OP_LENGTH = 3,
  BRIDGE_OP_KEYS = 4,
  BRIDGE_OP_SAME = 5,
  BRIDGE_OP_DESCRIBE = 6,
  BRIDGE_OP_GET = 10,
  BRIDGE_OP_SET = 11,
  BRIDGE_OP_UPDATE = 12,
  BRIDGE_OP_KEY = 13,
  BRIDGE_OP_SNAPSHOT = 14,
  BRIDGE_OP_EXISTS = 15,
  BRIDGE_OP_DELETE = 16,
  BRIDGE_OP_PUSH = 20,
  BRIDGE_OP_INSERT = 21,
  BRIDGE_OP_REMOVE = 22,
  BRIDGE_OP_LAST = 23,
  BRIDGE_OP_FIND = 24,         ///< never crosses: built on length and child
  BRIDGE_OP_REMOVE_WHERE = 25, ///< never crosses: built on length, child and remove
  BRIDGE_OP_INCREMENT = 30,
  BRIDGE_OP_NEW = 40,
  BRIDGE_OP_LINK_OF = 50,
  BRIDGE_OP_RANDOM = 60, ///< never crosses
  BRIDGE_OP_ID = 61,
  BRIDGE_OP_PARTICIPANTS = 62,
  BRIDGE_OP_LOG = 63,
  BRIDGE_OP_FAIL = 64, ///< never crosses
  BRIDGE_OP_SIGNAL = 65,
  BRIDGE_OP_REPLY = 66,
  BRIDGE_OP_BROADCAST = 67,
  BRIDGE_OP_AFTER = 68,
  BRIDGE_OP_CANCEL = 69,
  BRIDGE_OP_SEND = 70,
  BRIDGE_OP_SLEEP = 71,
  BRIDGE_OP_ASK = 72,
  BRIDGE_OP_USER = 1000, ///< from here on: operations of trusted preludes
};

/// One line of the surface as the bridge knows it.
typedef struct bridge_surface {
  uint32_t operation;
  const char *name;
  uint32_t kinds;        ///< bit per `bridge_kind`
  const char *signature; ///< a letter per argument: s i n f t v a; ? optional, * one or more
  const char *arguments; ///< their names, separated by ", "
} bridge_surface;

/// The surface, ended by an entry with `name` NULL.
const bridge_surface *bridge_surface_entries(void);

#endif
