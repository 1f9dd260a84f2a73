-- What comes to every room after what a spec has it do: somebody looks in and goes again, what was
-- set for later comes due, everyone leaves, the server starts again. Nothing of it may make code of
-- the recipe fail.

local host = require "hearth.spec.host"
local rooms = require "hearth.spec.rooms"

local aftermath = {}

-- Things that come due which are waited for; a recipe may set timers for ever.
local DUE_MAX = 12

local function look_in(room)
  local place = host.join(room.number, nil, nil, nil, "a passer-by")
  rooms.settle(room)
  if host.about(room.number, place).connected then host.leave(room.number, place) end
  rooms.settle(room)
end

local function let_time_pass(room)
  for _ = 1, DUE_MAX do
    if not host.pass(room.number) then return end
    rooms.settle(room)
  end
end

local function let_all_leave(room)
  for _, participant in ipairs(room.people) do
    if host.about(room.number, participant.place).connected then
      host.leave(room.number, participant.place)
      rooms.settle(room)
    end
  end
end

-- @param choose as in a schedule: whether timers come due before everyone has left, or after
function aftermath.run(room, choose)
  local choices = rawget(room, "choices")
  local order = choose(2, room, {})
  choices[#choices + 1] = order
  look_in(room)
  if order == 1 then let_time_pass(room) end
  let_all_leave(room)
  let_time_pass(room)
  host.restart(room.number)
  rooms.settle(room)
end

return aftermath
