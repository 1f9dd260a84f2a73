/// os.time and os.date, of `ctx.now` and in UTC.
#include "internal.h"
#include <string.h>
#include <time.h>

static int field(lua_State *L, const char *name, int fallback, int offset) {
  int type = lua_getfield(L, 1, name), whole;
  lua_Integer number = lua_tointegerx(L, -1, &whole);
  lua_pop(L, 1);
  if (type == LUA_TNIL && fallback >= 0) return fallback;
  if (!whole) luaL_error(L, "os.time: field '%s' must be a whole number", name);
  if (number < -100000 || number > 100000) luaL_error(L, "os.time: field '%s' is out of bounds", name);
  return (int)number - offset;
}

static int time_of(lua_State *L) {
  if (lua_isnoneornil(L, 1)) {
    int64_t now = vm_of(L)->now;
    lua_pushinteger(L, now / 1000 - (now % 1000 < 0));
    return 1;
  }
  luaL_checktype(L, 1, LUA_TTABLE);
  struct tm date;
  memset(&date, 0, sizeof date);
  date.tm_year = field(L, "year", -1, 1900);
  date.tm_mon = field(L, "month", -1, 1);
  date.tm_mday = field(L, "day", -1, 0);
  date.tm_hour = field(L, "hour", 12, 0);
  date.tm_min = field(L, "min", 0, 0);
  date.tm_sec = field(L, "sec", 0, 0);
  lua_pushinteger(L, (lua_Integer)timegm(&date));
  return 1;
}

static void set_field(lua_State *L, const char *name, int value) {
  lua_pushinteger(L, value);
  lua_setfield(L, -2, name);
}

static int date_table(lua_State *L, const struct tm *date) {
  lua_createtable(L, 0, 9);
  set_field(L, "year", date->tm_year + 1900);
  set_field(L, "month", date->tm_mon + 1);
  set_field(L, "day", date->tm_mday);
  set_field(L, "hour", date->tm_hour);
  set_field(L, "min", date->tm_min);
  set_field(L, "sec", date->tm_sec);
  set_field(L, "wday", date->tm_wday + 1);
  set_field(L, "yday", date->tm_yday + 1);
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "isdst");
  return 1;
}

static int date_of(lua_State *L) {
  size_t length;
  const char *format = luaL_optlstring(L, 1, "%c", &length), *end = format + length;
  int64_t now = vm_of(L)->now;
  time_t seconds = (time_t)luaL_optinteger(L, 2, now / 1000 - (now % 1000 < 0));
  struct tm date;
  if (gmtime_r(&seconds, &date) == NULL) return luaL_error(L, "os.date: the time is out of bounds");
  if (*format == '!') format += 1;
  if (strncmp(format, "*t", 2) == 0) return date_table(L, &date);
  luaL_Buffer text;
  luaL_buffinit(L, &text);
  for (; format < end; format += 1) {
    if (*format != '%') {
      luaL_addchar(&text, *format);
      continue;
    }
    format += 1;
    if (format == end || *format == 0 || strchr("aAbBcdDeFgGhHIjmMnprRStTuUVwWxXyYzZ%", *format) == NULL)
      return luaL_error(L, "os.date: invalid conversion in the format");
    char conversion[3] = {'%', *format, 0}, piece[128];
    luaL_addlstring(&text, piece, strftime(piece, sizeof piece, conversion, &date));
  }
  luaL_pushresult(&text);
  return 1;
}

void open_clock(lua_State *L) {
  static const luaL_Reg functions[] = {{"time", time_of}, {"date", date_of}, {NULL, NULL}};
  luaL_newlib(L, functions);
  lua_setfield(L, -2, "os");
}
