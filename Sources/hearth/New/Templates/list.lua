local t = require "hearth.types"

local text = t.string { min = 1, max = 200 }

return recipe {
  name = "RECIPE_NAME",
  version = 1,
  about = "A list of things to do, together.",

  cells = {
    items = t.list(t.object {
      text = text,
      done = t.boolean { default = false },
      by = t.link "user",
    }),
    user = t.object { name = t.string { default = "Guest", max = 40 } } :per "session",
  },

  derived = {
    left = t.count("items", { done = false }),
  },

  on = {
    join = function(cells, _, ctx)
      local given = ctx.who.name or ""
      local length = utf8.len(given) or 0
      if length > 0 and length <= 40 then cells.user.name = given end
    end,
  },

  handlers = {
    -- `by` holds a link: whoever renames themselves is renamed in the whole list.
    add = {
      data = t.object { text = text },
      run = function(cells, data)
        cells.items:push { text = data.text, done = false, by = cells.user }
      end,
    },

    tick = {
      data = t.object { index = t.integer { min = 1 } },
      run = function(cells, data, ctx)
        local item = cells.items[data.index]
        if not item then ctx.fail("no_such_item", "There is no item " .. data.index) end
        item.done = not item.done
      end,
    },

    clear = function(cells)
      cells.items:remove_where(function(item) return item.done end)
    end,

    rename = {
      data = t.object { name = t.string { min = 1, max = 40 } },
      run = function(cells, data) cells.user.name = data.name end,
    },
  },
}
