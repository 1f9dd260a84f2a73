local t = require "hearth.types"

local field = t.enum { "title", "place", "date" }
local answer = t.string { max = 200 }

return recipe {
  name = "RECIPE_NAME",
  version = 1,
  about = "A form that several people fill in together.",

  cells = {
    answers = t.map(t.object { value = answer, by = t.link "user" }),
    is_sent = t.boolean { default = false },
    user = t.object { name = t.string { default = "Guest", max = 40 } } :per "session",
    -- Which field each participant is in: not stored, and written by the page.
    editing = t.string { default = "", max = 20 } :per "session" :ephemeral(),
  },

  derived = {
    filled = function(cells)
      local count = 0
      for _ in pairs(cells.answers) do count = count + 1 end
      return count
    end,
  },

  on = {
    join = function(cells, _, ctx)
      local given = ctx.who.name or ""
      local length = utf8.len(given) or 0
      if length > 0 and length <= 40 then cells.user.name = given end
    end,
  },

  handlers = {
    -- Two people in two fields never get in each other's way: they write to different places.
    fill = {
      data = t.object { field = field, value = answer },
      run = function(cells, data, ctx)
        if cells.is_sent then ctx.fail("already_sent", "The form has been sent") end
        if data.value == "" then
          cells.answers[data.field] = nil
        else
          cells.answers[data.field] = { value = data.value, by = cells.user }
        end
      end,
    },

    submit = function(cells, _, ctx)
      if cells.filled < 3 then ctx.fail("not_complete", "Something is still missing") end
      cells.is_sent = true
    end,

    reopen = function(cells) cells.is_sent = false end,

    rename = {
      data = t.object { name = t.string { min = 1, max = 40 } },
      run = function(cells, data) cells.user.name = data.name end,
    },
  },
}
