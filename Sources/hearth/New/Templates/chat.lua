local t = require "hearth.types"

local text = t.string { min = 1, max = 2000 }
local name = t.string { min = 1, max = 40 }

return recipe {
  name = "RECIPE_NAME",
  version = 1,
  about = "A chat.",

  cells = {
    -- `author` is a link: whoever takes another name has it in everything they ever said.
    messages = t.list(t.object { author = t.link "user", text = text, at = t.integer() }),
    user = t.object { name = t.string { default = "Guest", max = 40 } } :per "session",
    -- Not stored, and written by its owner directly: room.set("typing", true) in the page.
    typing = t.boolean { default = false } :per "session" :ephemeral(),
  },

  -- A page joins with these, so that it gets what it shows and not all that was ever said.
  derived = {
    count = t.count "messages",
    recent = t.last("messages", 100),
  },

  on = {
    join = function(cells, _, ctx)
      local given = ctx.who.name or ""
      local length = utf8.len(given) or 0
      if length > 0 and length <= 40 then cells.user.name = given end
    end,
  },

  handlers = {
    say = {
      data = t.object { text = text },
      rate = { 20, 10 },
      run = function(cells, data, ctx)
        cells.messages:push { author = cells.user, text = data.text, at = ctx.now }
      end,
    },
    rename = {
      data = t.object { name = name },
      run = function(cells, data) cells.user.name = data.name end,
    },
  },
}
