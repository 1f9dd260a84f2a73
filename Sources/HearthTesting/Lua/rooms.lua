-- Rooms and participants as a spec sees them.

local internals = ...
local host = require "hearth.spec.host"
local views = require "hearth.spec.views"
local complain, position = host.complain, internals.position

local rooms = {}
local Room, Participant = {}, {}

-- Rooms that end with the present test.
local open = {}
-- The recipe of the room that was opened last, for `explore`.
local latest

-- A refusal as a client gets it; raised by `send`.
local Refusal = { __name = "refusal" }
Refusal.__tostring = function(refusal) return refusal.code .. ": " .. refusal.message end

local function refusal(answer)
  return setmetatable({
    code = answer.code, message = answer.message, retryable = answer.retryable,
    details = answer.details,
  }, Refusal)
end

local function raise(refused)
  refused.file, refused.line = position()
  error(refused)
end

local function check_options(given, known, what)
  if given == nil then return {} end
  if type(given) ~= "table" then
    complain(what .. " takes a table of options, got a " .. type(given))
  end
  for key in pairs(given) do
    if not known[key] then complain(what .. " has no option `" .. tostring(key) .. "`") end
  end
  return given
end

-- MARK: driving

-- Lets participants answer what they were asked. Whoever has no `on_ask` stays silent.
local function answer_questions(room)
  local answered = false
  for _, participant in ipairs(room.people) do
    if participant.answers then
      for _, ask in ipairs(host.asks(room.number, participant.place)) do
        local answer = participant.answers(ask.name, ask.data)
        if answer ~= nil then host.answer(room.number, participant.place, ask.ask, answer) end
        answered = true
      end
    end
  end
  return answered
end
rooms.answer_questions = answer_questions

-- Everything up to the moment when nothing is left to do but to wait.
local function settle(room)
  repeat
    host.run(room.number)
    local goes_on = answer_questions(room)
    if host.exchange(room.number) then goes_on = true end
  until not goes_on
end
rooms.settle = settle

-- Lets time pass, from one thing that is due to the next, until `done()`.
local function await(room, done)
  settle(room)
  local rounds = 0
  while not done() and host.pass(room.number) do
    settle(room)
    rounds = rounds + 1
    if rounds > 100000 then complain("there is no answer, however much time passes") end
  end
end

-- The answer to an event: the ack, or nil and the refusal. Inside `room:concurrently` others go on
-- meanwhile.
local function answer_to(participant, id)
  local room = participant.room
  local function answered() return host.answered(room.number, participant.place, id) end
  if room.schedule and room.schedule.is_inside() then
    while not answered() do coroutine.yield(answered) end
  else
    await(room, answered)
  end
  local answer = answered()
  if not answer then
    return nil, refusal { code = "no_answer", message = "the event was never answered" }
  end
  if answer.type == "ack" then return answer end
  return nil, refusal(answer)
end

-- MARK: participants

function Participant:try(event, data)
  if type(event) ~= "string" then complain("an event has a name, got a " .. type(event)) end
  local schedule = self.room.schedule
  local returns = schedule and schedule.away[self.place]
  if not returns and not host.about(self.room.number, self.place).connected then
    complain(self.label .. " is not connected: resume first, or use start")
  end
  local id = host.start(self.room.number, self.place, event, data)
  if schedule then schedule.sent(event) end
  return answer_to(self, id)
end

function Participant:send(event, data)
  local ack, refused = self:try(event, data)
  if refused then raise(refused) end
  return ack
end

-- Sends without waiting; the result has `ack` and `error` once there is an answer.
function Participant:start(event, data)
  if type(event) ~= "string" then complain("an event has a name, got a " .. type(event)) end
  local number, place = self.room.number, self.place
  local id = host.start(number, place, event, data)
  return setmetatable({ id = id }, {
    __index = function(_, key)
      local answer = host.answered(number, place, id)
      if key == "done" then return answer ~= nil end
      if not answer then return nil end
      if key == "ack" then return answer.type == "ack" and answer or nil end
      if key == "error" then return answer.type ~= "ack" and refusal(answer) or nil end
    end,
  })
end

-- Whom the schedule holds away comes back before it does what takes a socket.
local function come_back(participant)
  local away = participant.room.schedule and participant.room.schedule.away
  if not away or not away[participant.place] then return end
  away[participant.place] = nil
  host.enter(participant.room.number, participant.place, true)
  settle(participant.room)
end

-- Says a raw JSON message, as a PartySocket client does: runs a handler of the recipe's `messages`.
-- What it replies and broadcasts is heard as signals; how it failed, in `errors`.
function Participant:message(message)
  if type(message) ~= "table" or type(message.type) ~= "string" then
    complain("a message is a table with a `type`")
  end
  come_back(self)
  host.message(self.room.number, self.place, message)
  settle(self.room)
end

-- Writes an ephemeral cell of the participant's own.
function Participant:set(cell, value)
  come_back(self)
  host.set(self.room.number, self.place, cell, value)
  settle(self.room)
end

function Participant:on_ask(answers)
  if type(answers) ~= "function" then complain("on_ask takes a function(name, data)") end
  self.answers = answers
end

function Participant:disconnect()
  come_back(self)
  host.disconnect(self.room.number, self.place)
  settle(self.room)
end

-- Comes back with its session, and with what it has seen.
function Participant:resume()
  come_back(self)
  host.enter(self.room.number, self.place, true)
  settle(self.room)
end

-- As a page that is loaded anew: with its session, and knowing nothing.
function Participant:reload()
  come_back(self)
  host.enter(self.room.number, self.place, false)
  settle(self.room)
end

function Participant:leave()
  come_back(self)
  host.leave(self.room.number, self.place)
  settle(self.room)
end

local heard = { signals = true, errors = true, commits = true }
local facts = {
  id = true, session = true, name = true, seq = true, connected = true, closed = true,
}

local function participant_field(self, key)
  if Participant[key] then return Participant[key] end
  if key == "view" then return views.of(self) end
  if heard[key] then return host.heard(self.room.number, self.place, key) end
  if facts[key] then return host.about(self.room.number, self.place)[key] end
  if key == "answers" then return nil end
  complain("a participant has no `" .. tostring(key) .. "`")
end

-- MARK: rooms

function Room:join(options)
  options = check_options(options, { name = true, roles = true, id = true }, "room:join")
  local place = host.join(self.number, options.name, options.id, options.roles)
  settle(self)
  local about = host.about(self.number, place)
  if about.closed then raise(refusal(about.closed)) end
  local participant = setmetatable(
    { room = self, place = place, label = about.label }, { __index = participant_field })
  self.people[#self.people + 1] = participant
  return participant
end

-- One piece of work of the room, written and told. True while more is left.
function Room:step()
  host.step(self.number)
  while host.settle(self.number) do end
  for _, participant in ipairs(self.people) do host.deliver(self.number, participant.place) end
  return host.state(self.number).step
end

function Room:run() settle(self) end

function Room:advance(ms)
  if type(ms) ~= "number" or ms < 0 then complain("room:advance takes milliseconds from 0") end
  local finish = host.state(self.number).now + math.floor(ms)
  settle(self)
  local rounds = 0
  while host.pass(self.number, finish) do
    settle(self)
    rounds = rounds + 1
    if rounds > 1000000 then complain("something is due again and again at the same moment") end
  end
  settle(self)
end

function Room:conflict(options)
  options = check_options(options, { handler = true, times = true }, "room:conflict")
  if type(options.handler) ~= "string" then
    complain("room:conflict takes { handler = NAME, times = N }")
  end
  host.conflict(self.number, options.handler, options.times or 1)
end

function Room:restart()
  host.restart(self.number)
  settle(self)
end

-- The Lua VM of the recipe is thrown away, as after a crossed limit.
function Room:discard() host.discard(self.number) end

function Room:call(event, data)
  local token = host.call(self.number, event, data)
  await(self, function() return host.called(self.number, token) end)
  local answer = host.called(self.number, token)
  if not answer then answer = { code = "no_answer", message = "the call was never answered" } end
  if answer.code then raise(refusal(answer)) end
  return answer
end

-- Gives the room another version of its recipe; without a source the same one, loaded anew. Raises
-- what is wrong with it, or why the room cannot run it; the room then goes on with what it ran.
function Room:reload(options)
  options = check_options(options, { source = true }, "room:reload")
  if options.source ~= nil and type(options.source) ~= "string" then
    complain("room:reload takes { source = TEXT }, the text of the recipe")
  end
  host.reload(self.number, options.source)
  await(self, function() return host.reloaded(self.number) end)
  local report = host.reloaded(self.number)
  if not report then return nil end
  -- Who may see what has changed: a page comes back by itself.
  for _, participant in ipairs(self.people) do
    local closed = host.about(self.number, participant.place).closed
    if closed and closed.code == 1012 then host.enter(self.number, participant.place, true) end
  end
  settle(self)
  if report.code then raise(refusal(report)) end
  return report
end

-- Functions that do their part at once; in `explore`, every run in another order of what happens.
function Room:concurrently(...)
  return require "hearth.spec.explore".concurrently(self, ...)
end

local function room_field(self, key)
  if Room[key] then return Room[key] end
  if key == "cells" then return host.cells(self.number) end
  if key == "stats" then return host.stats(self.number) end
  if key == "now" then return host.state(self.number).now end
  if key == "schedule" then return nil end
  complain("a room has no `" .. tostring(key) .. "`")
end

-- MARK: opening

-- `explores`: whether the room looks for what no recipe should do.
function rooms.make(name, options, tells, explores)
  local number, id =
    host.open(name, options.id, options.input, options.seed, tells, explores or false)
  return setmetatable(
    { number = number, id = id, people = {}, happened = {} }, { __index = room_field })
end

function rooms.open(name, options)
  if type(name) ~= "string" then
    complain("hearth.room takes the name of a recipe, got a " .. type(name))
  end
  options = check_options(options, { seed = true, input = true, id = true }, "hearth.room")
  local room = rooms.make(name, options, false)
  latest = name
  open[#open + 1] = room
  return room
end

function rooms.latest() return latest end

-- Rooms opened before the tests, in `setup`, stay.
function rooms.begin_test() open = {} end

function rooms.end_test()
  for _, room in ipairs(open) do host.close(room.number) end
  open = {}
end

return rooms
