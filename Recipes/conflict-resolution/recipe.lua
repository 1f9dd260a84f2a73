local t = require "hearth.types"

local id_max, name_max = 200, 80
local id = t.string { min = 1, max = id_max }
local name = t.string { min = 1, max = name_max }

-- What both kinds of client do: a `hearth.v1` handler and a PartySocket message end in the same
-- function, so the two can share a room. Keys that clients make up go through `:key`: one may be
-- called `get`.

local function take_seat(cells, ctx, user_id, user_name)
  cells.participants:key(user_id):set { id = user_id, name = user_name, isReady = false }
  cells.names:key(user_id):set(user_name)
  cells.seats:key(user_id):set(ctx.who.session)
  cells.seat.userId = user_id
  ctx.broadcast { type = "user_joined", userId = user_id, userName = user_name }
end

local function select_value(cells, ctx, selection)
  cells.selections:key(selection.field):set(selection)
  ctx.broadcast { type = "field_selected", selection = selection }
end

local function set_ready(cells, ctx, user_id, is_ready)
  local participant = cells.participants:key(user_id)
  if not participant:exists() then
    ctx.fail("unknown_participant", "join the form before you are ready")
  end
  participant.isReady = is_ready
  ctx.broadcast { type = "user_ready", userId = user_id, isReady = is_ready }
end

-- A session ends long after its socket closed. If its participant has come back in another session
-- by then, the seat is that session's and nobody has left.
local function leave_seat(cells, _, ctx)
  local user_id = cells.seat.userId
  if not user_id or cells.seats:key(user_id):get() ~= ctx.who.session then return end
  cells.participants:key(user_id):delete()
  cells.seats:key(user_id):delete()
  ctx.broadcast { type = "user_left", userId = user_id }
end

-- Of a message no data can be declared, as it can of a handler. So its fields are looked at here:
-- one that met the types of the cells would fail the handler, as if the recipe were wrong.

local function field_of(ctx, object, field, wanted)
  local value = object[field]
  if type(value) ~= wanted then ctx.fail("invalid_data", field .. " must be a " .. wanted) end
  return value
end

local function text_of(ctx, object, field, max)
  local value = field_of(ctx, object, field, "string")
  local length = utf8.len(value) or 0
  if length < 1 or length > max then
    ctx.fail("invalid_data", field .. " must be a string of 1 to " .. max .. " characters")
  end
  return value
end

local function selection_of(ctx, message)
  local selection = field_of(ctx, message, "selection", "table")
  if selection.value == nil then ctx.fail("invalid_data", "value is missing") end
  return {
    field = text_of(ctx, selection, "field", id_max),
    value = selection.value,
    userId = text_of(ctx, selection, "userId", id_max),
    timestamp = field_of(ctx, selection, "timestamp", "number"),
  }
end

return recipe {
  name = "conflict-resolution",
  version = 1,
  about = "A form filled in together: who chose what and when, and who is ready.",

  parties = { "collaboration" },

  cells = {
    selections = t.map(t.object {
      field = id,
      value = t.any(),
      userId = id,
      timestamp = t.number(),
    }),
    participants = t.map(t.object { id = id, name = name, isReady = t.boolean() }),
    names = t.map(name), -- of everyone who was ever here: a choice outlives its participant
    seats = t.map(t.string()), -- participant id to the session that speaks for it
    seat = t.object { userId = t.optional(id) } :per "session" :private(),
  },

  on = { leave = leave_seat },

  handlers = {
    join_form = {
      data = t.object { name = name },
      run = function(cells, data, ctx) take_seat(cells, ctx, ctx.who.id, data.name) end,
    },
    select = {
      data = t.object { field = id, value = t.any() },
      run = function(cells, data, ctx)
        select_value(cells, ctx, {
          field = data.field,
          value = data.value,
          userId = ctx.who.id,
          timestamp = ctx.now,
        })
      end,
    },
    ready = {
      data = t.object { isReady = t.boolean() },
      run = function(cells, data, ctx) set_ready(cells, ctx, ctx.who.id, data.isReady) end,
    },
  },

  messages = {
    user_joined = function(cells, message, ctx)
      local user_id = text_of(ctx, message, "userId", id_max)
      take_seat(cells, ctx, user_id, text_of(ctx, message, "userName", name_max))
    end,
    field_selected = function(cells, message, ctx)
      select_value(cells, ctx, selection_of(ctx, message))
    end,
    user_ready = function(cells, message, ctx)
      local user_id = text_of(ctx, message, "userId", id_max)
      set_ready(cells, ctx, user_id, field_of(ctx, message, "isReady", "boolean"))
    end,
    sync_request = function(cells, _, ctx)
      local participants = {}
      for _, participant in pairs(cells.participants) do
        participants[#participants + 1] = participant:snapshot()
      end
      ctx.reply {
        type = "sync_response",
        selections = cells.selections:snapshot(),
        participants = hearth.list(participants),
      }
    end,
    ["*"] = function(_, message, ctx) ctx.broadcast(message) end,
  },
}
