/// The host surface as the bridge knows it, and the check of arguments against it.
/// Signatures: s string, i integer, n number, f function, t table, v any value but nil, a anything; ? optional,
/// * one or more of the former.
#include "internal.h"
#include <string.h>

#define OBJECT (1u << BRIDGE_KIND_OBJECT)
#define LIST (1u << BRIDGE_KIND_LIST)
#define SCALAR (1u << BRIDGE_KIND_SCALAR)
#define MANY (1u << BRIDGE_KIND_MANY)
#define CONTEXT (1u << BRIDGE_KIND_CONTEXT)
#define VALUES (OBJECT | LIST | SCALAR)

static const bridge_surface entries[] = {
  {BRIDGE_OP_GET, "get", VALUES, "", ""},
  {BRIDGE_OP_SET, "set", VALUES, "v", "value"},
  {BRIDGE_OP_UPDATE, "update", VALUES, "t", "fields"},
  {BRIDGE_OP_KEY, "key", VALUES | MANY, "v", "key"},
  {BRIDGE_OP_SNAPSHOT, "snapshot", VALUES, "", ""},
  {BRIDGE_OP_EXISTS, "exists", VALUES, "", ""},
  {BRIDGE_OP_DELETE, "delete", VALUES, "", ""},
  {BRIDGE_OP_PUSH, "push", LIST, "v*", "value"},
  {BRIDGE_OP_INSERT, "insert", LIST, "iv", "index, value"},
  {BRIDGE_OP_REMOVE, "remove", LIST, "i", "index"},
  {BRIDGE_OP_LAST, "last", LIST, "i", "count"},
  {BRIDGE_OP_FIND, "find", LIST, "f", "test"},
  {BRIDGE_OP_REMOVE_WHERE, "remove_where", LIST, "f", "test"},
  {BRIDGE_OP_INCREMENT, "increment", SCALAR, "n?", "by"},
  {BRIDGE_OP_NEW, "new", MANY, "t", "fields"},
  {BRIDGE_OP_RANDOM, "random", CONTEXT, "i?i?", "low, high"},
  {BRIDGE_OP_ID, "id", CONTEXT, "", ""},
  {BRIDGE_OP_PARTICIPANTS, "participants", CONTEXT, "", ""},
  {BRIDGE_OP_LOG, "log", CONTEXT, "a*", "value"},
  {BRIDGE_OP_FAIL, "fail", CONTEXT, "ss?", "code, message"},
  {BRIDGE_OP_SIGNAL, "signal", CONTEXT, "sa?t?", "name, data, options"},
  {BRIDGE_OP_REPLY, "reply", CONTEXT, "a", "data"},
  {BRIDGE_OP_BROADCAST, "broadcast", CONTEXT, "vt?", "data, options"},
  {BRIDGE_OP_AFTER, "after", CONTEXT, "nsa?", "milliseconds, handler, data"},
  {BRIDGE_OP_CANCEL, "cancel", CONTEXT, "s", "id"},
  {BRIDGE_OP_SEND, "send", CONTEXT, "ssa?", "room, event, data"},
  {BRIDGE_OP_SLEEP, "sleep", CONTEXT, "n", "milliseconds"},
  {BRIDGE_OP_ASK, "ask", CONTEXT, "vsa?t?", "participant, name, data, options"},
  {0, NULL, 0, NULL, NULL},
};

const bridge_surface *bridge_surface_entries(void) { return entries; }

static const char *wanted(char type) {
  switch (type) {
  case 's': return "a string";
  case 'i': return "a whole number";
  case 'n': return "a number";
  case 'f': return "a function";
  case 't': return "a table";
  default: return "a value";
  }
}

static bool fits(lua_State *L, int index, char type) {
  switch (type) {
  case 's': return lua_type(L, index) == LUA_TSTRING;
  case 'n': return lua_type(L, index) == LUA_TNUMBER;
  case 'f': return lua_type(L, index) == LUA_TFUNCTION;
  case 't': return lua_type(L, index) == LUA_TTABLE;
  case 'a': return true;
  case 'i': {
    int whole;
    return lua_type(L, index) == LUA_TNUMBER && (lua_tointegerx(L, index, &whole), whole);
  }
  default: return !lua_isnoneornil(L, index);
  }
}

static void complain(lua_State *L, const bridge_surface *entry, int number, int index, char type) {
  const char *name = entry->arguments;
  for (int skip = 1; skip < number && strchr(name, ',') != NULL; skip += 1) name = strchr(name, ',') + 2;
  int length = (int)strcspn(name, ",");
  const char *got = lua_isnone(L, index) ? "nothing" : luaL_typename(L, index);
  const char *receiver = entry->kinds == CONTEXT ? "ctx." : ":";
  lua_pushlstring(L, name, (size_t)length);
  luaL_error(L, "%s%s: argument %d (%s) must be %s, got %s", receiver, entry->name, number, lua_tostring(L, -1),
             wanted(type), got);
}

void check_arguments(lua_State *L, const bridge_surface *entry, int first) {
  const char *type = entry->signature;
  int index = first, top = lua_gettop(L);
  while (*type != 0) {
    bool optional = type[1] == '?', repeated = type[1] == '*';
    bool leave = optional && lua_isnoneornil(L, index);
    if (!leave && !fits(L, index, *type)) complain(L, entry, index - first + 1, index, *type);
    index += 1;
    if (repeated && index <= top) continue;
    type += optional || repeated ? 2 : 1;
  }
  if (index <= top)
    luaL_error(L, "%s%s takes %d argument%s, got %d", entry->kinds == CONTEXT ? "ctx." : ":", entry->name,
               index - first, index - first == 1 ? "" : "s", top - first + 1);
}
