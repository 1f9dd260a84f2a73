local t = require "hearth.types"

local text = t.string { min = 1, max = 200 }
local column = t.enum { "todo", "doing", "done" }

local function card_of(cells, id, ctx)
  local card = cells.cards:find(function(each) return each.id == id end)
  if not card then ctx.fail("no_such_card", "That card is gone") end
  return card
end

return recipe {
  name = "RECIPE_NAME",
  version = 1,
  about = "Cards in columns, moved by everybody.",

  cells = {
    cards = t.list(t.object { id = t.string(), text = text, column = column, by = t.link "user" }),
    user = t.object { name = t.string { default = "Guest", max = 40 } } :per "session",
  },

  derived = {
    columns = t.group_by("cards", "column"),
    left = t.count("cards", function(card) return card.column ~= "done" end),
  },

  on = {
    join = function(cells, _, ctx)
      local given = ctx.who.name or ""
      local length = utf8.len(given) or 0
      if length > 0 and length <= 40 then cells.user.name = given end
    end,
  },

  handlers = {
    -- ctx.id() is the same when the handler has to run again: no card comes twice.
    add = {
      data = t.object { text = text },
      run = function(cells, data, ctx)
        cells.cards:push { id = ctx.id(), text = data.text, column = "todo", by = cells.user }
      end,
    },

    move = {
      data = t.object { id = t.string(), column = column },
      run = function(cells, data, ctx) card_of(cells, data.id, ctx).column = data.column end,
    },

    remove = {
      data = t.object { id = t.string() },
      run = function(cells, data)
        cells.cards:remove_where(function(card) return card.id == data.id end)
      end,
    },

    rename = {
      data = t.object { name = t.string { min = 1, max = 40 } },
      run = function(cells, data) cells.user.name = data.name end,
    },
  },
}
