-- describe, it, before_each and their kin: gathered while the spec is read, run afterwards in their
-- order.

local internals = ...
local host = require "hearth.spec.host"
local assertions = require "hearth.spec.assertions"
local rooms = require "hearth.spec.rooms"
local complain, position = host.complain, internals.position

local suites = {}
local Pending = {}
local root = { items = {}, before_each = {}, after_each = {}, setup = {}, teardown = {} }
local current = root

-- While tests run, nothing can be declared any more.
local running = false

local function declare(kind, name)
  if running then complain(kind .. " belongs in describe, not in a test") end
  if type(name) ~= "string" then complain(kind .. " takes a name first, got a " .. type(name)) end
end

function suites.describe(name, body)
  declare("describe", name)
  if type(body) ~= "function" then complain("describe takes a name and a function") end
  local suite = {
    name = name, parent = current, items = {},
    before_each = {}, after_each = {}, setup = {}, teardown = {},
  }
  current.items[#current.items + 1] = suite
  current = suite
  body()
  current = suite.parent
end

local function add_test(kind, name, body)
  declare(kind, name)
  local test = { name = name, body = body, is_test = true }
  test.file, test.line = position()
  current.items[#current.items + 1] = test
end

function suites.it(name, body)
  if body ~= nil and type(body) ~= "function" then complain("it takes a name and a function") end
  add_test("it", name, body)
end

-- In place of `it`: a test that is not to run yet. Inside a test: what follows is not to run yet.
function suites.pending(name)
  if running then error(setmetatable({ reason = name }, Pending)) end
  add_test("pending", name, nil)
end

for _, kind in ipairs { "before_each", "after_each", "setup", "teardown" } do
  suites[kind] = function(body)
    if running then complain(kind .. " belongs in describe, not in a test") end
    if type(body) ~= "function" then complain(kind .. " takes a function") end
    local list = current[kind]
    list[#list + 1] = body
  end
end

-- What was raised, as the host wants it told: headline, file, line, expected, actual, story.
local function account(raised, test)
  if type(raised) == "table" then
    return raised.headline or assertions.account_of(raised),
      raised.file or test.file, raised.line or test.line,
      raised.expected, raised.actual, raised.story
  end
  local file, line, text = tostring(raised):match("^([^\n]-):(%d+): (.*)$")
  if file then return text, file, math.tointeger(line) end
  return tostring(raised), test.file, test.line
end

local function all(bodies)
  for _, body in ipairs(bodies) do body() end
end

local function before(suite)
  if suite.parent then before(suite.parent) end
  all(suite.before_each)
end

local function after(suite)
  all(suite.after_each)
  if suite.parent then after(suite.parent) end
end

local function is_pending(raised)
  return type(raised) == "table" and getmetatable(raised) == Pending
end

local function run_test(suite, test, path)
  if not host.begin(path, test.file, test.line) then return end
  if not test.body then return host.finish("pending") end
  rooms.begin_test()
  local ran, raised = pcall(function()
    before(suite)
    test.body()
  end)
  local ended, raised_after = pcall(after, suite)
  rooms.end_test()
  if ran and not ended then ran, raised = false, raised_after end
  if ran then return host.finish("passed") end
  if is_pending(raised) then return host.finish("pending", raised.reason) end
  host.finish("failed", account(raised, test))
end

-- What fails before the tests of a suite fails once, in its name.
local function guarded(path, what, bodies)
  if #bodies == 0 then return true end
  local ran, raised = pcall(all, bodies)
  if ran then return true end
  local named = { table.unpack(path) }
  named[#named + 1] = what
  if host.begin(named, "", 0) then
    host.finish("failed", account(raised, { file = "", line = 0 }))
  end
  return false
end

local function run_suite(suite, path)
  if guarded(path, "setup", suite.setup) then
    for _, item in ipairs(suite.items) do
      local named = { table.unpack(path) }
      named[#named + 1] = item.name
      if item.is_test then run_test(suite, item, named) else run_suite(item, named) end
    end
  end
  guarded(path, "teardown", suite.teardown)
end

-- Reads a spec, then runs it.
function suites.run(read)
  read()
  running = true
  run_suite(root, {})
end

return suites
