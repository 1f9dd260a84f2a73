local t = require "hearth.types"

local name_max = 40

-- A name that comes with a token or a `join` may be longer than the cell allows.
local function shortened(name)
  local past = utf8.offset(name, name_max + 1)
  return past and name:sub(1, past - 1) or name
end

return recipe {
  name = "chat",
  version = 1,
  about = "A chat whose history follows a rename.",

  cells = {
    messages = t.list(t.object {
      author = t.link "user",
      text = t.string { min = 1, max = 2000 },
      at = t.integer(),
    }),
    here = t.map(t.link "user"),
    user = t.object {
      name = t.string { default = "Guest", min = 1, max = name_max },
    } :per "session",
    typing = t.boolean { default = false } :per "session" :ephemeral(),
  },

  -- A page joins with "recent", "count", "here" and "typing": it gets what it shows, and what that
  -- links to, not all that was ever said.
  derived = {
    count = t.count("messages"),
    recent = t.last("messages", 100),
  },

  on = {
    join = function(cells, _, ctx)
      local name = ctx.who.name
      if name and name ~= "" then cells.user.name = shortened(name) end
      cells.here[ctx.who.session] = cells.user
    end,
    leave = function(cells, _, ctx) cells.here[ctx.who.session] = nil end,
  },

  handlers = {
    send = {
      data = t.object { text = t.string { min = 1, max = 2000 } },
      allow = "member",
      run = function(cells, data, ctx)
        cells.messages:push { author = cells.user, text = data.text, at = ctx.now }
      end,
    },
    rename = {
      data = t.object { name = t.string { min = 1, max = name_max } },
      run = function(cells, data) cells.user.name = data.name end,
    },
  },
}
