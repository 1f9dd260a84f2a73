/// Patterns: find, match, gmatch and gsub over the charged matcher.
#include "differential.h"

const char *const operations[] = {
  "string.find",
  "string.match",
  "string.gsub",
  "function(text, pattern, start)\n"
  "  local out = {}\n"
  "  for one, two, three in string.gmatch(text, pattern, start) do\n"
  "    out[#out + 1], out[#out + 2] = one, two or three\n"
  "    if #out > 500 then break end\n"
  "  end\n"
  "  return out\n"
  "end",
  "function(text, pattern, most) return string.gsub(text, pattern, function(one, two) return two or one end, most) end",
  "function(text, pattern, word) return string.gsub(text, pattern, { a = 'x', [word or 1] = 'y', b = false }) end",
  NULL,
};
