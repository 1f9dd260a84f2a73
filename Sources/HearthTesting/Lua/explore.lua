-- explore: one run after another, each another interleaving, until one fails or there are enough. A
-- failure is made as short as it gets and told as a story.

local internals = ...
local host = require "hearth.spec.host"
local rooms = require "hearth.spec.rooms"
local chance = require "hearth.spec.chance"
local schedule = require "hearth.spec.schedule"
local aftermath = require "hearth.spec.aftermath"
local assertions = require "hearth.spec.assertions"
local complain, position = host.complain, internals.position

local explore = {}

-- Runs that may be spent on making a failure shorter.
local SHRINKING_MAX = 400

-- A fault that nobody asserted: a headline, and the line behind it for the story.
local function complain_of_recipe(room)
  local found = host.complaints(room.number, true)
  if #found > 0 then
    error(setmetatable({ headline = found[1], quoted = { table.unpack(found, 2) } },
      assertions.Failure))
  end
end

local function finish(room, invariant, choose)
  rooms.settle(room)
  complain_of_recipe(room)
  if type(invariant) == "function" then invariant() end
  local faults = host.faults(room.number)
  if #faults > 0 then error("a replica went wrong: " .. faults[1], 0) end
  aftermath.run(room, choose)
  complain_of_recipe(room)
end

-- When code of the recipe failed, that is what went wrong, whatever the spec made of it.
local function cause(room, raised)
  local told, found = pcall(host.complaints, room.number, false)
  if not told or #found == 0 then return raised end
  local file, line
  if type(raised) == "table" then file, line = raised.file, raised.line end
  return setmetatable(
    { headline = found[1], quoted = { table.unpack(found, 2) }, file = file, line = line },
    assertions.Failure)
end

-- One run. What it raised, or nil; the choices it made; its story when it is asked for.
local function attempt(trial, choose, tells)
  local room = rooms.make(trial.recipe, { seed = trial.seed, input = trial.input }, tells, true)
  local choices = {}
  rawset(room, "choose", choose)
  rawset(room, "choices", choices)
  local went, raised = pcall(function() finish(room, trial.body(room), choose) end)
  if not went then raised = cause(room, raised) end
  local story = tells and host.story(room.number) or nil
  host.close(room.number)
  if went then return nil, choices, story end
  if raised == nil then raised = "nil was raised" end
  return raised, choices, story
end

-- The plainest choices at the end say nothing: they are made anyway.
local function trimmed(choices)
  local count = #choices
  while count > 0 and choices[count] == 1 do count = count - 1 end
  return { table.unpack(choices, 1, count) }
end

local function without(choices, first, count)
  local rest = {}
  for place, choice in ipairs(choices) do
    if place < first or place >= first + count then rest[#rest + 1] = choice end
  end
  return trimmed(rest)
end

local function with_plainest(choices, place)
  local changed = { table.unpack(choices) }
  changed[place] = 1
  return trimmed(changed)
end

-- Leaves out what can be left out, in ever smaller pieces, then makes plain what can be made plain.
local function shrink(trial, choices)
  local best, spent = trimmed(choices), 0
  local function still_fails(candidate)
    spent = spent + 1
    if not attempt(trial, schedule.replay(candidate), false) then return false end
    best = candidate
    return true
  end
  still_fails {}
  local shorter = true
  while shorter and spent < SHRINKING_MAX do
    shorter = false
    local size = math.max(1, #best // 2)
    while size >= 1 and spent < SHRINKING_MAX do
      local first = 1
      while first <= #best and spent < SHRINKING_MAX do
        if still_fails(without(best, first, size)) then shorter = true else first = first + size end
      end
      size = size // 2
    end
    local place = 1
    while place <= #best and spent < SHRINKING_MAX do
      if best[place] ~= 1 and still_fails(with_plainest(best, place)) then shorter = true end
      place = place + 1
    end
  end
  return best
end

local function report(trial, choices, run)
  local shortest = shrink(trial, choices)
  local raised, _, story = attempt(trial, schedule.replay(shortest), true)
  local failure = {}
  if type(raised) == "table" then
    for key, value in pairs(raised) do failure[key] = value end
  else
    local file, line, text = tostring(raised):match("^([^\n]-):(%d+): (.*)$")
    failure.headline = text or tostring(raised)
    failure.file, failure.line = file, math.tointeger(line)
  end
  if not failure.headline then failure.headline = assertions.account_of(failure) end
  if not failure.file then failure.file, failure.line = position() end
  table.insert(story, 1, ("run %d of %d with seed %d; the shortest schedule that fails:"):format(
    run, trial.runs, trial.base))
  for _, line in ipairs(failure.quoted or {}) do story[#story + 1] = line end
  failure.quoted, failure.story = nil, story
  error(setmetatable(failure, assertions.Failure))
end

local known = { runs = true, seed = true, recipe = true, input = true, faults = true }

function explore.run(options, body)
  if type(options) == "function" then options, body = {}, options end
  if type(options) ~= "table" or type(body) ~= "function" then
    complain("explore takes a table of options and a function(room)")
  end
  for key in pairs(options) do
    if not known[key] then complain("explore has no option `" .. tostring(key) .. "`") end
  end
  local asked, default, spec = host.seed()
  local trial = {
    base = asked or options.seed or default, runs = options.runs or 100,
    input = options.input, body = body,
    recipe = options.recipe or rooms.latest() or spec,
  }
  for run = 1, trial.runs do
    local draw = chance.generator(trial.base * 1000003 + run)
    trial.seed = draw(1 << 30)
    local raised, choices = attempt(trial, schedule.random(draw, options.faults ~= false), false)
    if raised then report(trial, choices, run) end
  end
end

function explore.concurrently(room, ...)
  local bodies = { ... }
  for _, body in ipairs(bodies) do
    if type(body) ~= "function" then
      complain("room:concurrently takes functions, got a " .. type(body))
    end
  end
  schedule.run(room, bodies)
end

return explore
