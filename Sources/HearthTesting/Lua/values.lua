-- Comparing and showing values, whatever they are: plain ones, links, and cells of a room.

local null, link_of = hearth.null, hearth.link_of
local values = {}

function values.is_link(value)
  return type(value) == "userdata" and value ~= null and rawequal(link_of(value), value)
end

local function is_cell(value)
  return type(value) == "userdata" and value ~= null and not rawequal(link_of(value), value)
end

-- A copy of a cell with links resolved; any other value as it is.
function values.plain(value)
  if not is_cell(value) then return value end
  if tostring(value) ~= "cells" then return value:snapshot() end
  local all = {}
  for name, cell in pairs(value) do all[name] = values.plain(cell) end
  return all
end

local function same(one, other, met)
  one, other = values.plain(one), values.plain(other)
  if type(one) ~= "table" or type(other) ~= "table" then return one == other end
  if rawequal(one, other) or met[one] == other then return true end
  met[one] = other
  for key, value in pairs(one) do
    if not same(value, other[key], met) then return false end
  end
  for key in pairs(other) do
    if one[key] == nil then return false end
  end
  return true
end

-- Whether two values say the same, all the way down.
function values.same(one, other) return same(one, other, {}) end

local function quoted(text)
  return '"' .. text:gsub('[%c"\\]', function(character)
    if character == "\n" then return "\\n" end
    if character == '"' or character == "\\" then return "\\" .. character end
    return ("\\%03d"):format(character:byte())
  end) .. '"'
end

local function key_text(key)
  if type(key) == "string" and key:match("^[%a_][%w_]*$") then return key end
  return "[" .. (type(key) == "string" and quoted(key) or tostring(key)) .. "]"
end

local function show(value, indent, open)
  value = values.plain(value)
  if type(value) == "string" then return quoted(value) end
  if type(value) ~= "table" then
    return values.is_link(value) and "link " .. tostring(value) or tostring(value)
  end
  if open[value] then return "{ … itself }" end
  open[value] = true
  local parts, count = {}, #value
  for key, item in pairs(value) do
    local text = show(item, indent .. "  ", open)
    local listed = math.type(key) == "integer" and key >= 1 and key <= count
    parts[#parts + 1] = listed and text or key_text(key) .. " = " .. text
  end
  open[value] = nil
  if #parts == 0 then return "{}" end
  local line = "{ " .. table.concat(parts, ", ") .. " }"
  if #line + #indent <= 72 and not line:find("\n") then return line end
  local inner = indent .. "  "
  return "{\n" .. inner .. table.concat(parts, ",\n" .. inner) .. ",\n" .. indent .. "}"
end

-- As one would write it in Lua; what is long stands on several lines.
function values.show(value) return show(value, "", {}) end

return values
