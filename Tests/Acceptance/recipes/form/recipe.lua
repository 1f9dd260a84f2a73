local t = require "hearth.types"

-- Of two choices the later one stays; of two made in one millisecond, the one that was there first.
local function later(_, mine, theirs)
  if mine.at > theirs.at then return mine end
  return theirs
end

-- What both sides have added to the text both were given.
local function joined(base, mine, theirs)
  local function added(text) return text:sub(#base + 1) end
  if base ~= "" then return base .. added(theirs) .. added(mine) end
  return theirs .. mine
end

-- Between reading and writing: until somebody says to go on, or for some time.
local function wait(data, ctx)
  if data.of then
    ctx.ask(data.of, "go on?", nil, { timeout = 20000 })
  else
    ctx.sleep(data.ms or 0)
  end
end

local choice = t.object { value = t.string(), at = t.integer() }

return recipe {
  name = "form",
  version = 1,
  about = "Two people pick in the same field at once.",

  cells = {
    plain = t.string(),
    last = t.string() :merge "last-write",
    choice = choice :merge(later),
    notes = t.string() :merge(joined),
    chosen_by = t.string(),
  },

  handlers = {
    -- Each reads the field, waits, and writes it.
    pick_last = function(cells, data, ctx)
      local before = cells.last
      wait(data, ctx)
      cells.last = data.value
      return before
    end,
    pick_later = function(cells, data, ctx)
      local before = cells.choice:snapshot()
      wait(data, ctx)
      cells.choice = { value = data.value, at = data.at }
      return before
    end,
    add_note = function(cells, data, ctx)
      local before = cells.notes
      wait(data, ctx)
      cells.notes = before .. data.value
    end,
    pick = function(cells, data, ctx)
      local before = cells.plain
      wait(data, ctx)
      cells.plain = data.value
      return before
    end,
    -- Asks somebody who is here, and writes what they say.
    ask = function(cells, data, ctx)
      local answer = ctx.ask(data.of, "agree?", { value = cells.plain }, { timeout = 20000 })
      cells.plain = answer and answer.value or "nobody"
      cells.chosen_by = data.of
    end,
    look = function(cells) return cells.plain end,
    strict_only = { on_conflict = "reject", run = function(cells, data, ctx)
      local before = cells.plain
      wait(data, ctx)
      cells.plain = before .. data.value
    end },
  },
}
