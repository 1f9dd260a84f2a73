/// pcall, xpcall and coroutines that cannot swallow a stop.
#include "internal.h"

static int finish_pcall(lua_State *L, int status, lua_KContext extra) {
  stop_if_crossed(L, L, status);
  if (status != LUA_OK && status != LUA_YIELD) {
    lua_pushboolean(L, 0);
    lua_pushvalue(L, -2);
    return 2;
  }
  return lua_gettop(L) - (int)extra;
}

static int protected_call(lua_State *L) {
  luaL_checkany(L, 1);
  lua_pushboolean(L, 1);
  lua_insert(L, 1);
  return finish_pcall(L, lua_pcallk(L, lua_gettop(L) - 2, LUA_MULTRET, 0, 0, finish_pcall), 0);
}

/// The recipe's handler, at 2, runs once the error has unwound, not where it was raised: there Lua's stack is short, and an
/// error in a handler would be handled again. It is not called for a stop, and a mistake in it takes the error's place.
static int finish_xpcall(lua_State *L, int status, lua_KContext extra) {
  stop_if_crossed(L, L, status);
  if (status == LUA_OK || status == LUA_YIELD) return lua_gettop(L) - (int)extra;
  lua_pushvalue(L, 2);
  lua_insert(L, -2);
  stop_if_crossed(L, L, lua_pcall(L, 1, 1, 0));
  lua_pushboolean(L, 0);
  lua_insert(L, -2);
  return 2;
}

static int protected_call_with_handler(lua_State *L) {
  luaL_checktype(L, 2, LUA_TFUNCTION);
  int arguments = lua_gettop(L) - 2;
  lua_pushboolean(L, 1);
  lua_pushvalue(L, 1);
  lua_rotate(L, 3, 2);
  return finish_xpcall(L, lua_pcallk(L, arguments, LUA_MULTRET, 0, 2, finish_xpcall), 2);
}

static lua_State *check_thread(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTHREAD);
  return lua_tothread(L, 1);
}

static int create(lua_State *L) {
  luaL_checktype(L, 1, LUA_TFUNCTION);
  charge(L, BRIDGE_HOOK_STEP); // what a fresh thread may run before its hook first fires
  bridge_vm *vm = vm_of(L);
  if (vm->coroutines_max != 0 && vm->coroutines >= vm->coroutines_max) cross_limit(L, BRIDGE_LIMIT_COROUTINES);
  vm->coroutines += 1;
  lua_State *thread = lua_newthread(L);
  lua_sethook(thread, bridge_hook, hook_mask(vm), vm->hook_step);
  lua_pushvalue(L, 1);
  lua_xmove(L, thread, 1);
  return 1;
}

static bool is_suspended(lua_State *thread) {
  lua_Debug record;
  if (lua_status(thread) == LUA_YIELD) return true;
  return lua_status(thread) == LUA_OK && !lua_getstack(thread, 0, &record) && lua_gettop(thread) > 0;
}

/// Number of results moved to L, or -1 with the error there.
static int resume_thread(lua_State *L, lua_State *thread, int arguments) {
  charge(L, 20);
  bridge_vm *vm = vm_of(L);
  bool begun = thread != L && is_suspended(thread);
  if (vm->coroutine_depth_max != 0 && vm->coroutine_depth >= vm->coroutine_depth_max)
    cross_limit(L, BRIDGE_LIMIT_COROUTINE_DEPTH);
  if (is_entry(thread)) {
    lua_pushliteral(L, "cannot resume non-suspended coroutine");
    return -1;
  }
  if (!lua_checkstack(thread, arguments)) {
    lua_pushliteral(L, "too many arguments to resume");
    return -1;
  }
  lua_xmove(L, thread, arguments);
  int results = 0;
  lua_State *outer = vm->running;
  vm->running = thread;
  vm->coroutine_depth += 1;
  int status = lua_resume(thread, L, arguments, &results);
  vm->coroutine_depth -= 1;
  vm->running = outer;
  if (begun && status != LUA_YIELD && vm->coroutines > 0) vm->coroutines -= 1;
  stop_if_crossed(L, thread, status);
  if (status != LUA_OK && status != LUA_YIELD) {
    lua_xmove(thread, L, 1);
    return -1;
  }
  if (!lua_checkstack(L, results + 1)) {
    lua_pop(thread, results);
    lua_pushliteral(L, "too many results to resume");
    return -1;
  }
  lua_xmove(thread, L, results);
  return results;
}

static int resume(lua_State *L) {
  lua_State *thread = check_thread(L);
  int results = resume_thread(L, thread, lua_gettop(L) - 1);
  lua_pushboolean(L, results >= 0);
  if (results < 0) results = 1;
  lua_insert(L, -(results + 1));
  return results + 1;
}

int resume_wrapped(lua_State *L) {
  lua_State *thread = lua_tothread(L, lua_upvalueindex(1));
  int results = resume_thread(L, thread, lua_gettop(L));
  if (results >= 0) return results;
  if (lua_type(L, -1) == LUA_TSTRING) {
    luaL_where(L, 1);
    lua_insert(L, -2);
    lua_concat(L, 2);
  }
  return lua_error(L);
}

static int wrap(lua_State *L) {
  create(L);
  lua_pushcclosure(L, resume_wrapped, 1);
  return 1;
}

static int yield(lua_State *L) {
  if (is_entry(L)) return luaL_error(L, "attempt to yield from outside a coroutine");
  return lua_yield(L, lua_gettop(L));
}

static int status(lua_State *L) {
  lua_State *thread = check_thread(L);
  lua_Debug record;
  const char *text = "dead";
  if (thread == L) text = "running";
  else if (is_suspended(thread)) text = "suspended";
  else if (lua_status(thread) == LUA_OK && lua_getstack(thread, 0, &record)) text = "normal";
  lua_pushstring(L, text);
  return 1;
}

static int running(lua_State *L) {
  lua_pushthread(L);
  lua_pushboolean(L, is_entry(L));
  return 2;
}

static int is_yieldable(lua_State *L) {
  lua_State *thread = lua_isthread(L, 1) ? lua_tothread(L, 1) : L;
  lua_pushboolean(L, lua_isyieldable(thread) && !is_entry(thread));
  return 1;
}

void open_protect(lua_State *L) {
  static const luaL_Reg coroutine[] = {
    {"create", create}, {"resume", resume},   {"running", running},          {"status", status},
    {"wrap", wrap},     {"yield", yield},     {"isyieldable", is_yieldable}, {NULL, NULL},
  };
  lua_pushcfunction(L, protected_call);
  lua_setfield(L, -2, "pcall");
  lua_pushcfunction(L, protected_call_with_handler);
  lua_setfield(L, -2, "xpcall");
  luaL_newlib(L, coroutine);
  lua_setfield(L, -2, "coroutine");
}
