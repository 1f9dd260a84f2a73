-- Functions that do their part at once: which of them goes on, when the room takes its next step,
-- when the disk answers, when participants are told and when time passes is one choice after
-- another. A run is the list of its choices, so that it can be had again, and shortened.

local host = require "hearth.spec.host"
local rooms = require "hearth.spec.rooms"

local schedule = {}

-- After so many choices a schedule is taken for one that does not end.
local CHOICES_MAX = 20000

local function come_back(room, place)
  room.schedule.away[place] = nil
  host.enter(room.number, place, true)
end

-- Everything that could happen next, the plainest first: with the first choice each time, the room
-- does at once what it has to do, then the next function goes on, and time passes when nobody else
-- has anything to do.
local function actions_of(room, threads)
  local number = room.number
  local state = host.state(number)
  local actions = {}
  if state.step then actions[#actions + 1] = { run = function() host.step(number) end } end
  if state.write then actions[#actions + 1] = { run = function() host.settle(number) end } end
  for _, place in ipairs(state.inboxes) do
    actions[#actions + 1] = { run = function() host.deliver(number, place) end }
  end
  for _, participant in ipairs(room.people) do
    if participant.answers and state.asked[participant.place + 1] then
      actions[#actions + 1] = { run = function() rooms.answer_questions(room) end }
      break
    end
  end
  for _, thread in ipairs(threads) do
    if coroutine.status(thread.coroutine) ~= "dead" and not thread.waits() then
      actions[#actions + 1] = { run = thread.go }
    end
  end
  local all_here = true
  for place in pairs(room.schedule.away) do
    all_here = false
    actions[#actions + 1] = { run = function() come_back(room, place) end }
  end
  -- A session ends when its participant stays away for too long; that is no fault to be hidden.
  if all_here and state.unanswered and state.wakes then
    actions[#actions + 1] = { run = function() host.pass(number) end }
  end
  return actions
end

-- What goes wrong on purpose. None of it may show in the outcome.
local faults = {}
function faults.conflict(room, handler) host.conflict(room.number, handler, 1) end
function faults.discard(room) host.discard(room.number) end
function faults.reload(room) host.reload(room.number) end
-- Everybody takes their time: part of what is left until something is due, or all of it. Not while
-- somebody is away: sessions that nobody returns to come to an end.
function faults.pause(room, _, share)
  for _, participant in ipairs(room.people) do
    if not host.about(room.number, participant.place).connected then return end
  end
  local state = host.state(room.number)
  if not state.due then return end
  local left = math.max(0, state.due - state.now)
  host.pass(room.number, state.now + left * (share + 1) // 4)
end
function faults.restart(room) host.restart(room.number) end
-- Some of what is on its way arrives, the rest is lost with the socket.
function faults.drop(room, place, arrives)
  host.deliver(room.number, place, arrives)
  host.disconnect(room.number, place)
  host.enter(room.number, place, true)
end
-- The same, and it takes a while to come back.
function faults.away(room, place, arrives)
  host.deliver(room.number, place, arrives)
  host.disconnect(room.number, place)
  room.schedule.away[place] = true
end
function faults.refresh(room, place) host.enter(room.number, place, false) end
function faults.lose(room, place) host.lose(room.number, place) end
function faults.double(room, place) host.double(room.number, place) end
function faults.behind(room, place) host.behind(room.number, place) end

-- Faults of the room and of the way to one participant, as often as they stand here.
local of_room = { "restart", "reload", "discard" }
local of_person = {
  "drop", "drop", "away", "refresh", "lose", "double", "double", "behind",
}

local function draw_fault(room, draw, sent)
  local kind = draw(18)
  if kind > 16 then return { "pause", false, draw(4) - 1 } end
  if kind <= 5 and #sent > 0 then return { "conflict", sent[draw(#sent)] } end
  local people = {}
  for _, participant in ipairs(room.people) do
    local is_away = room.schedule.away[participant.place]
    if not is_away and host.about(room.number, participant.place).connected then
      people[#people + 1] = participant.place
    end
  end
  if kind <= 13 and #people > 0 then
    return { of_person[draw(#of_person)], people[draw(#people)], draw(4) - 1 }
  end
  return { of_room[draw(#of_room)] }
end

-- A shortened schedule may strike somebody who is away already.
local function strike(room, fault)
  local kind, place, arrives = fault[1], fault[2], fault[3]
  if kind ~= "conflict" and place then
    if not host.about(room.number, place).connected then return end
  end
  local happened = room.happened
  happened[#happened + 1] = kind
  faults[kind](room, place, arrives)
end

-- A chooser is asked with how many actions there are, and answers with a number, or with a fault.
--
-- @param draw a generator
-- @param with_faults whether things go wrong
function schedule.random(draw, with_faults)
  -- Some runs keep to the plain order for long, others to no order at all.
  local plain = (draw(4) - 1) * 25
  return function(count, room, sent)
    if with_faults and room.schedule and draw(30) == 1 then return draw_fault(room, draw, sent) end
    if draw(100) <= plain then return 1 end
    return draw(count)
  end
end

-- Choices that were made before; the plainest when there are no more.
function schedule.replay(choices)
  local place = 0
  return function()
    place = place + 1
    return choices[place] or 1
  end
end

local function plainest() return 1 end

local function thread_of(action, room)
  local thread = {}
  thread.coroutine = coroutine.create(action)
  local done
  function thread.waits() return done ~= nil and not done() end
  function thread.go()
    room.schedule.thread = thread
    local went, reached = coroutine.resume(thread.coroutine)
    room.schedule.thread = nil
    if not went then error(reached, 0) end
    done = reached
  end
  return thread
end

-- Runs the functions to their ends. `room.choose` decides; `room.choices` has what was decided.
function schedule.run(room, bodies)
  local choose = rawget(room, "choose") or plainest
  local choices = rawget(room, "choices") or {}
  local sent, threads = {}, {}
  rawset(room, "schedule", {
    is_inside = function() return room.schedule.thread ~= nil end,
    sent = function(event) sent[#sent + 1] = event end,
    -- Participants, by their places, whose socket is lost and who will come back.
    away = {},
  })
  for _, body in ipairs(bodies) do threads[#threads + 1] = thread_of(body, room) end
  while true do
    local actions = actions_of(room, threads)
    if #actions == 0 then break end
    if #choices >= CHOICES_MAX then error("the schedule does not come to an end", 0) end
    local choice = choose(#actions, room, sent)
    choices[#choices + 1] = choice
    if type(choice) == "table" then
      strike(room, choice)
    else
      actions[(choice - 1) % #actions + 1].run()
    end
  end
  rawset(room, "schedule", nil)
  for _, thread in ipairs(threads) do
    if coroutine.status(thread.coroutine) ~= "dead" then
      error("an event was never answered, though nothing was left to do", 0)
    end
  end
end

return schedule
