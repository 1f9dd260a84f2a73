local t = require "hearth.types"

local function note(cells, message, ctx)
  cells.notes:push(message.number)
  ctx.broadcast({ type = "noted", number = message.number }, { to_sender = true })
end

return recipe {
  name = "waiter",
  about = "Raw messages whose handlers wait.",
  cells = { notes = t.list(t.integer()) },
  messages = {
    whoami = function(_, _, ctx) ctx.reply { type = "me", id = ctx.who.id, session = ctx.who.session } end,
    slow = function(_, _, ctx) ctx.sleep(60000) end,
    nap = function(cells, message, ctx)
      ctx.sleep(300)
      note(cells, message, ctx)
    end,
    note = note,
  },
}
