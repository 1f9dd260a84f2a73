local t = require "hearth.types"

local column = t.enum { "todo", "doing", "done" }

-- Cards are cells of their own; columns hold links to them, and so does whoever has pinned one.
return recipe {
  name = "kanban",
  version = 1,
  about = "Cards in columns; everybody may pin one.",

  cells = {
    card = t.object { title = t.string { min = 1, max = 80 } } :many(),
    columns = t.map(t.list(t.link "card")),
    pins = t.map(t.link "card"),
  },

  on = {
    create = function(cells)
      cells.columns = { todo = hearth.list {}, doing = hearth.list {}, done = hearth.list {} }
    end,
  },

  handlers = {
    add = {
      data = t.object { title = t.string { min = 1, max = 80 } },
      run = function(cells, data)
        cells.columns.todo:push(cells.card:new { title = data.title })
      end,
    },
    pin = {
      data = t.object { column = column, index = t.integer { min = 1 } },
      run = function(cells, data, ctx)
        local card = cells.columns[data.column][data.index]
        if not card then ctx.fail("no_such_card", "There is no such card") end
        cells.pins[ctx.who.session] = card
      end,
    },
    remove = {
      data = t.object { column = column, index = t.integer { min = 1 } },
      run = function(cells, data, ctx)
        local card = cells.columns[data.column][data.index]
        if not card then ctx.fail("no_such_card", "There is no such card") end
        for session, pinned in pairs(cells.pins) do
          if pinned == card then cells.pins[session] = nil end
        end
        cells.columns[data.column]:remove(data.index) -- nothing links to it any more: it goes by itself
      end,
    },
  },
}
