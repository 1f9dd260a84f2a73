/// Tables with a shadow: the table itself is empty, its content lies in a shadow table behind its metatable. Two kinds have
/// one. Frozen tables are read-only: neither assignment nor rawset nor a library function can change them. Tables that
/// serve as metatables stay writable, but what is written passes a check: Lua looks for `__gc` when a metatable is set,
/// but for `__mode` and `__close` whenever it collects or leaves a block, so that to refuse them in `setmetatable` alone
/// would not be enough. The objects themselves carry the shadow as their metatable.
#include "internal.h"
#include <string.h>

// The addresses of these are keys of a freeze metatable: its shadow, the metatable that the recipe gave the table (as the
// shadow of that), and whether the table may be written.
static char shadow_key, own_key, open_key;
static char origin_key; // in the metatable of a shadow: the table that the recipe knows

static const char *const refused[] = {"__gc", "__close", "__mode", NULL};

static bool has_mark(lua_State *L, int index, const void *key) {
  if (!lua_istable(L, index) || !lua_getmetatable(L, index)) return false;
  bool marked = lua_rawgetp(L, -1, key) != LUA_TNIL;
  lua_pop(L, 2);
  return marked;
}

static bool is_open(lua_State *L, int index) { return has_mark(L, index, &open_key); }
bool is_frozen(lua_State *L, int index) { return has_mark(L, index, &shadow_key) && !is_open(L, index); }

void push_content(lua_State *L, int index) {
  index = lua_absindex(L, index);
  if (lua_getmetatable(L, index)) {
    if (lua_rawgetp(L, -1, &shadow_key) == LUA_TTABLE) {
      lua_remove(L, -2);
      return;
    }
    lua_pop(L, 2);
  }
  lua_pushvalue(L, index);
}

/// Pushes the metatable that the recipe gave the table at `index`, as Lua uses it; false and nothing when there is none.
static bool push_own_metatable(lua_State *L, int index) {
  if (!lua_getmetatable(L, index)) return false;
  if (lua_rawgetp(L, -1, &shadow_key) == LUA_TNIL) {
    lua_pop(L, 1);
    return true;
  }
  lua_pop(L, 1);
  bool found = lua_rawgetp(L, -1, &own_key) == LUA_TTABLE;
  lua_remove(L, -2);
  if (!found) lua_pop(L, 1);
  return found;
}

bool push_known_metatable(lua_State *L, int index) {
  if (!push_own_metatable(L, index)) return false;
  push_slot(L, SLOT_LIST);
  bool list = lua_rawequal(L, -1, -2);
  lua_pop(L, 1);
  if (list) {
    lua_pop(L, 1);
    return false;
  }
  if (!lua_getmetatable(L, -1)) return true;
  bool known = lua_rawgetp(L, -1, &origin_key) == LUA_TTABLE;
  lua_remove(L, -2);
  if (known) lua_remove(L, -2);
  else lua_pop(L, 1);
  return true;
}

static int refuse_assignment(lua_State *L) {
  const char *message = lua_tostring(L, lua_upvalueindex(1));
  const char *key = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : NULL;
  if (key == NULL) key = lua_pushfstring(L, "[%s]", luaL_typename(L, 2));
  return luaL_error(L, message, key);
}

static void check_key(lua_State *L, int key) {
  if (lua_type(L, key) != LUA_TSTRING) return;
  for (const char *const *name = refused; *name != NULL; name += 1)
    if (strcmp(lua_tostring(L, key), *name) == 0)
      luaL_error(L, "cannot assign `%s`: it is not available in the metatables of recipes", *name);
}

static void check_metatable(lua_State *L, int content) {
  for (const char *const *name = refused; *name != NULL; name += 1) {
    lua_pushstring(L, *name);
    if (lua_rawget(L, content) != LUA_TNIL) luaL_error(L, "setmetatable: %s is not available in recipes", *name);
    lua_pop(L, 1);
  }
}

void set_content(lua_State *L) {
  if (is_open(L, 1)) check_key(L, 2);
  push_content(L, 1);
  lua_insert(L, 2);
  lua_rawset(L, 2);
  lua_settop(L, 1);
}

/// Upvalues: the shadow, the table's own metatable or nil.
static int open_newindex(lua_State *L) {
  lua_settop(L, 3);
  lua_pushvalue(L, 2);
  bool fresh = lua_rawget(L, lua_upvalueindex(1)) == LUA_TNIL;
  lua_settop(L, 3);
  if (fresh && lua_istable(L, lua_upvalueindex(2))) {
    lua_pushliteral(L, "__newindex");
    if (lua_rawget(L, lua_upvalueindex(2)) == LUA_TFUNCTION) {
      lua_insert(L, 1);
      lua_call(L, 3, 0);
      return 0;
    }
    if (!lua_isnil(L, -1)) {
      lua_insert(L, 2);
      lua_settable(L, 2);
      return 0;
    }
    lua_settop(L, 3);
  }
  check_key(L, 2);
  lua_rawset(L, lua_upvalueindex(1));
  return 0;
}

static int shadow_len(lua_State *L) {
  lua_pushinteger(L, (lua_Integer)lua_rawlen(L, lua_upvalueindex(1)));
  return 1;
}

/// For tables with a metatable of their own: the shadow first, then the own __index with the table. Upvalues: the shadow,
/// the own metatable.
static int shadow_index(lua_State *L) {
  lua_settop(L, 2);
  lua_pushvalue(L, 2);
  if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL) return 1;
  lua_settop(L, 2);
  lua_pushliteral(L, "__index");
  int type = lua_rawget(L, lua_upvalueindex(2));
  if (type == LUA_TFUNCTION) {
    lua_insert(L, 1);
    lua_call(L, 2, 1);
  } else if (type != LUA_TNIL) {
    lua_insert(L, 2);
    lua_gettable(L, 2);
  }
  return 1;
}

static void copy_fields(lua_State *L, int from, int to) {
  for (lua_pushnil(L); lua_next(L, from);) {
    lua_pushvalue(L, -2);
    lua_insert(L, -2);
    lua_rawset(L, to);
  }
}

static void clear_fields(lua_State *L, int table) {
  for (lua_pushnil(L); lua_next(L, table);) {
    lua_pop(L, 1);
    lua_pushvalue(L, -1);
    lua_pushnil(L);
    lua_rawset(L, table); // clearing a field that exists is allowed during a walk
  }
}

/// Pushes the content of the table at `table`, moved to a shadow when it had none.
static void push_shadow(lua_State *L, int table) {
  if (has_mark(L, table, &shadow_key)) {
    push_content(L, table);
    return;
  }
  lua_createtable(L, 0, 0);
  copy_fields(L, table, lua_gettop(L));
  clear_fields(L, table);
  lua_createtable(L, 0, 1);
  lua_pushvalue(L, table);
  lua_rawsetp(L, -2, &origin_key);
  lua_setmetatable(L, -2);
}

static bool indexes(lua_State *L, int metatable) {
  lua_pushliteral(L, "__index");
  bool found = lua_rawget(L, metatable) != LUA_TNIL;
  lua_pop(L, 1);
  return found;
}

/// Gives the table at `table` a new freeze metatable. With its shadow and, above that, its own metatable or nil at the
/// top; pops both. `message` NULL leaves it writable.
static void shade(lua_State *L, int table, const char *message) {
  int own = lua_gettop(L), shadow = own - 1;
  bool owned = lua_istable(L, own);
  lua_createtable(L, 0, 8);
  int shade = own + 1;
  if (owned) copy_fields(L, own, shade); // what a metatable gains later is seen in __index and __newindex only
  lua_pushvalue(L, shadow);
  if (owned && (message == NULL || indexes(L, own))) {
    lua_pushvalue(L, own);
    lua_pushcclosure(L, shadow_index, 2);
  }
  lua_setfield(L, shade, "__index");
  if (message == NULL) {
    lua_pushvalue(L, shadow);
    lua_pushvalue(L, own);
    lua_pushcclosure(L, open_newindex, 2);
    lua_pushboolean(L, 1);
    lua_rawsetp(L, shade, &open_key);
  } else {
    lua_pushstring(L, message);
    lua_pushcclosure(L, refuse_assignment, 1);
  }
  lua_setfield(L, shade, "__newindex");
  lua_pushliteral(L, "__len");
  if (lua_rawget(L, shade) == LUA_TNIL) {
    lua_pushvalue(L, shadow);
    lua_pushcclosure(L, shadow_len, 1);
    lua_setfield(L, shade, "__len");
  }
  lua_pushvalue(L, shadow);
  lua_rawsetp(L, shade, &shadow_key);
  lua_pushvalue(L, own);
  lua_rawsetp(L, shade, &own_key);
  lua_settop(L, shade);
  lua_setmetatable(L, table);
  lua_settop(L, shadow - 1);
}

void freeze_table(lua_State *L, const char *message) {
  luaL_checkstack(L, 12, NULL);
  int table = lua_gettop(L);
  if (is_frozen(L, table)) return;
  push_shadow(L, table);
  if (!push_own_metatable(L, table)) lua_pushnil(L);
  shade(L, table, message);
}

void give_metatable(lua_State *L) {
  luaL_checkstack(L, 12, NULL);
  if (lua_istable(L, 2)) {
    push_content(L, 2);
    check_metatable(L, 3);
    if (!has_mark(L, 2, &shadow_key)) {
      push_shadow(L, 2);
      if (!push_own_metatable(L, 2)) lua_pushnil(L);
      shade(L, 2, NULL);
    }
    push_content(L, 2);
  } else {
    lua_pushnil(L);
  }
  int own = lua_gettop(L);
  if (is_open(L, 1)) {
    push_content(L, 1);
    lua_pushvalue(L, own);
    shade(L, 1, NULL);
  } else {
    lua_setmetatable(L, 1);
  }
  lua_settop(L, 1);
}
