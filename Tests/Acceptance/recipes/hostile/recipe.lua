-- Twenty ways to harm a server. Each handler is one of them and never comes to its end.
local t = require "hearth.types"

local attacks = {
  loop = function() while true do end end,
  pcall_loop = function() while true do pcall(function() while true do end end) end end,
  xpcall_handler = function()
    while true do xpcall(error, function() while true do end end) end
  end,
  coroutines = function()
    while true do coroutine.wrap(function() for _ = 1, 900 do end end)() end
  end,
  chain = function()
    local last
    for _ = 1, 20000 do
      local before = last
      last = coroutine.wrap(function() coroutine.yield(before) end)
      last()
    end
  end,
  comparator = function() table.sort({ 3, 2, 1 }, function() while true do end end) end,
  metamethod = function()
    local endless = setmetatable({}, { __index = function(self, key) return self[key .. "x"] end })
    while true do pcall(function() return endless.x end) end
  end,
  tostring_loop = function()
    return tostring(setmetatable({}, { __tostring = function() while true do end end }))
  end,
  pattern = function() return string.find(("a"):rep(16), ("a-"):rep(16) .. "b") end,
  balanced = function() return string.find(("("):rep(200000), "%b()") end,
  gsub = function()
    local text = ("x"):rep(1000)
    while true do text = text:gsub("x", "xx") end
  end,
  doubling = function()
    local text = "x"
    while true do text = text .. text end
  end,
  concat = function()
    local parts = {}
    for index = 1, 10000 do parts[index] = "x" end
    while true do parts[1] = table.concat(parts, ("y"):rep(1000)) end
  end,
  tables = function()
    local kept = {}
    while true do kept[#kept + 1] = { kept, { {} } } end
  end,
  brim = function()
    local kept = {}
    for index = 1, 60000 do kept[index] = { index } end
    while true do kept[1] = { {}, { {} } } end
  end,
  writes = function(cells) while true do cells.list:push({ text = ("x"):rep(100) }) end end,
  signals = function(_, _, ctx) while true do ctx.signal("noise", ("x"):rep(1000)) end end,
  timers = function(_, _, ctx) while true do ctx.after(1, "loop") end end,
  logs = function(_, _, ctx) while true do ctx.log(("x"):rep(10000)) end end,
  watched = function(cells) cells.watched = 1 end,
}

return recipe {
  name = "hostile",
  cells = { list = t.list(t.any), watched = t.integer { default = 0 }, fine = t.integer { default = 0 } },
  handlers = {
    fine = function(cells) cells.fine:increment(1) end,
    loop = attacks.loop, pcall_loop = attacks.pcall_loop, xpcall_handler = attacks.xpcall_handler,
    coroutines = attacks.coroutines, chain = attacks.chain, comparator = attacks.comparator,
    metamethod = attacks.metamethod, tostring_loop = attacks.tostring_loop, pattern = attacks.pattern,
    balanced = attacks.balanced, gsub = attacks.gsub, doubling = attacks.doubling, concat = attacks.concat,
    tables = attacks.tables, brim = attacks.brim, writes = attacks.writes, signals = attacks.signals,
    timers = attacks.timers, logs = attacks.logs, watched = attacks.watched,
  },
  watch = { watched = function(cells) while true do cells.watched:increment(1) end end },
}
