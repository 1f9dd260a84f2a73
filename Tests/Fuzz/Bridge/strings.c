/// Strings, tables, UTF-8 and numbers: what the sandbox bounds or writes anew.
#include "differential.h"

const char *const operations[] = {
  // A table is shown without its address, which Lua shows.
  "function(...) for index = 1, select('#', ...) do if type(select(index, ...)) == 'table' then return end end\n"
  "  return string.format(...) end",
  "string.pack",  "string.unpack",   "string.packsize", "string.rep",   "string.byte",
  "string.sub",    "string.char",  "string.reverse",  "string.upper",    "string.lower", "string.len",
  "table.concat",  "table.unpack", "table.pack",      "utf8.char",       "utf8.len",     "utf8.codepoint",
  "utf8.offset",   "tonumber",     "math.tointeger",  "math.fmod",       "math.ult",     "select",
  "rawlen",        "rawequal",     "math.floor",      "math.ceil",       "math.type",    "function(list) return next(list) end",
  "function(list, ...) table.insert(list, ...) return list end",
  "function(list, ...) return table.remove(list, ...), list end",
  "function(list, ...) return table.move(list, ...) end",
  "function(list) for index = 1, #list do if list[index] ~= list[index] then return end end table.sort(list) return list end",
  "function(text) local out = {} for at, code in utf8.codes(text) do out[#out + 1] = at out[#out + 1] = code end return out end",
  "function(value) return type(value) ~= 'table' and tostring(value) end",
  NULL,
};
