-- What a participant's replica shows, as plain tables with links resolved.

local host = require "hearth.spec.host"
local null = hearth.null
local views = {}

-- Replaces links by what they lead to: the very table, so that circles of links are circles of
-- tables.
local function resolve(cells, target)
  local function walk(container)
    for key, value in pairs(container) do
      if type(value) == "table" then
        walk(value)
      elseif type(value) == "userdata" and value ~= null then
        local found = target(tostring(value))
        -- A list keeps its length.
        if found == nil and math.type(key) then found = null end
        container[key] = found
      end
    end
  end
  local waiting = {}
  for name in pairs(cells) do waiting[#waiting + 1] = name end
  for _, name in ipairs(waiting) do
    local value = cells[name]
    if type(value) == "table" then
      walk(value)
    elseif type(value) == "userdata" and value ~= null then
      cells[name] = target(tostring(value))
    end
  end
end

function views.of(participant)
  local number, place = participant.room.number, participant.place
  local kept = rawget(participant, "kept")
  local version, cells, session = host.view(number, place, kept and kept.version)
  if not cells then return kept.cells end
  local raw = {}
  for name, value in pairs(cells) do raw[name] = value end
  resolve(cells, function(link)
    local path = host.resolve(number, place, link)
    local found = path and raw
    for _, key in ipairs(path or {}) do found = found[key] end
    return found
  end)
  -- A participant's own cells go by their names too.
  setmetatable(cells, {
    __index = function(view, name)
      return type(name) == "string" and rawget(view, name .. "@" .. session) or nil
    end,
  })
  rawset(participant, "kept", { version = version, cells = cells })
  return cells
end

return views
