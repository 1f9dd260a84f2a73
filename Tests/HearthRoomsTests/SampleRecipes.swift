/// Recipes that the room tests run.
enum SampleRecipes {
    static let chat = """
        local t = require "hearth.types"
        return recipe {
          name = "chat", version = 1,
          cells = {
            messages = t.list(t.object {
              author = t.link "user", text = t.string { min = 1, max = 2000 }, at = t.integer(),
            }),
            total  = t.integer { min = 0 },
            user   = t.object { name = t.string { default = "Guest", max = 40 } } :per "session",
            pointed = t.any,
            notes  = t.list(t.string()) :per "session" :private(),
            typing = t.boolean { default = false } :per "session" :ephemeral(),
          },
          derived = {
            count  = t.count("messages"),
            recent = t.last("messages", 5),
            shout  = function(cells) return "n" .. #cells.messages end,
          },
          on = {
            join = function(cells, _, ctx)
              if ctx.who.name then cells.user.name = ctx.who.name end
            end,
          },
          handlers = {
            send = {
              data = t.object { text = t.string { min = 1, max = 2000 } },
              run = function(cells, data, ctx)
                cells.messages:push { author = cells.user, text = data.text, at = ctx.now }
                cells.total:increment(1)
              end,
            },
            rename = function(cells, data) cells.user.name = data.name end,
            note = function(cells, data) cells.notes:push(data.text) end,
            drop = function(cells, data) cells.messages:remove(data.index) end,
            fail = function(cells, data, ctx)
              cells.messages:push { author = cells.user, text = "lost", at = 1 }
              ctx.signal("never", 1, { to = "all" })
              error("on purpose")
            end,
            later = function(cells, data, ctx) return ctx.after(data.ms, "tick", { by = 5 }) end,
            tick = function(cells, data) cells.total:increment(data.by) end,
            call = function(cells, data, ctx) ctx.signal("hello", data.text, { to = "others" }) end,
            peek = function(cells) return #cells.messages end,
            check = function(cells, data)
              if cells.total:get() == data.seen then cells.total = 100 end
            end,
            point = function(cells, data) cells.pointed = data.to end,
            again = function(cells, data, ctx)
              ctx.after(0, "again")
              cells.total:increment(1)
            end,
            slow = { rate = { 2, 10 }, run = function(cells) cells.total:increment(1) end },
            push_out = function(cells, data, ctx) ctx.send("other", "hear", { text = data.text }) end,
          },
        }
        """
}
