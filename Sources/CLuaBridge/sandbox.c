/// Puts the environment of recipes together: the real globals, each library read-only, behind a read-only table.
#include "internal.h"

static void freeze_library(lua_State *L, const char *name) {
  lua_getfield(L, -1, name);
  freeze_table(L, "cannot assign `%s`: libraries are read-only");
  lua_pop(L, 1);
}

/// Strings keep their methods, but through the frozen library, so that none can be replaced.
static void freeze_string_metatable(lua_State *L) {
  lua_getfield(L, -1, "string");
  push_content(L, -1);
  open_places(L);
  lua_pop(L, 2);
}

void open_sandbox(lua_State *L) {
  static const char *const libraries[] = {"string", "table", "math", "utf8", "coroutine", "os", "hearth", NULL};
  lua_createtable(L, 0, 40);
  open_base(L);
  open_protect(L);
  open_iterate(L);
  open_tables(L);
  open_strings(L);
  open_numbers(L);
  open_clock(L);
  open_modules(L);
  for (int index = 0; libraries[index] != NULL; index += 1) freeze_library(L, libraries[index]);
  freeze_string_metatable(L);
  freeze_table(L, "cannot assign the global `%s`: write `local`, or keep it in a cell");
  push_content(L, -1);
  set_slot(L, SLOT_GLOBALS);
  set_slot(L, SLOT_ENVIRONMENT);
}
