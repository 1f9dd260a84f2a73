local t = require "hearth.types"

local function filter_for(words)
  local banned = {}
  for _, word in ipairs(words) do banned[word] = true end
  return function(text)
    return (text:gsub("%a+", function(word)
      return banned[word:lower()] and ("*"):rep(#word) or word
    end))
  end
end

return recipe {
  name = "greeter",
  version = 1,
  about = "Greetings, with words that a room does not want starred out.",

  cells = {
    banned = t.list(t.string { min = 1, max = 40 }),
    greetings = t.list(t.string { max = 200 }),
  },

  handlers = {
    ban = {
      data = t.object { word = t.string { min = 1, max = 40 } },
      run = function(cells, data) cells.banned:push(data.word:lower()) end,
    },
    greet = {
      data = t.object { text = t.string { min = 1, max = 200 } },
      run = function(cells, data)
        local clean = filter_for(cells.banned:snapshot())
        cells.greetings:push(clean(data.text))
      end,
    },
  },
}
