-- What a spec has beyond a recipe: its globals.

local suites = require "hearth.spec.suites"
local rooms = require "hearth.spec.rooms"

local hearth_of_specs = {
  null = hearth.null, list = hearth.list, link_of = hearth.link_of, room = rooms.open,
}

-- `run` is for the runner; in front of it, what becomes global.
return setmetatable({
  describe = suites.describe, it = suites.it, pending = suites.pending,
  before_each = suites.before_each, after_each = suites.after_each,
  setup = suites.setup, teardown = suites.teardown,
  assert = require "hearth.spec.assertions".assert,
  explore = require "hearth.spec.explore".run,
  hearth = hearth_of_specs,
}, { __index = { run = suites.run } })
