-- What the spec asks of the simulation. The numbers mirror `SpecOperation`.

local internals = ...
local call, position = internals.call, internals.position

local names = {
  "begin", "finish", "open", "close", "join", "start", "answered", "state", "step", "settle",
  "deliver", "run", "pass", "asks", "answer", "set", "disconnect", "enter", "leave", "restart",
  "conflict", "discard", "call", "called", "exchange", "view", "resolve", "cells", "heard", "stats",
  "about", "story", "faults", "seed", "reload", "reloaded",
  "message", "lose", "double", "behind", "complaints",
}

local host = {}

-- Raises text that blames the line of the spec that called.
function host.complain(text)
  local file, line = position()
  error(("%s:%d: %s"):format(file, line, text), 0)
end

for number, name in ipairs(names) do
  local operation = 999 + number
  -- Errors blame the line of the spec that asked.
  local function finish(ran, ...)
    if ran then return ... end
    host.complain((...))
  end
  host[name] = function(room, ...)
    if math.type(room) == "integer" then return finish(pcall(call, operation, room, ...)) end
    return finish(pcall(call, operation, 0, room, ...))
  end
end

return host
