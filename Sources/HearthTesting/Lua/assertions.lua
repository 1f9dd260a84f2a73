-- `assert` as busted has it: assert.equal, assert.are.same, assert.is_not_nil,
-- assert.has_no.errors, …

local internals = ...
local host = require "hearth.spec.host"
local values = require "hearth.spec.values"
local position, complain = internals.position, host.complain
local same, show = values.same, values.show

-- Raised by an assertion that failed.
local Failure = { __name = "failure" }
Failure.__tostring = function(failure)
  local text = ("%s:%d: %s"):format(failure.file, failure.line, failure.headline)
  if failure.expected then
    text = text .. "\nexpected: " .. failure.expected .. "\nactual: " .. failure.actual
  end
  return text
end

local function fail(headline, expected, actual)
  local failure = { headline = headline, expected = expected, actual = actual }
  failure.file, failure.line = position()
  error(setmetatable(failure, Failure))
end

-- A raised value as text, without the place where it was raised.
local function text_of(raised)
  if type(raised) == "table" and raised.message then return tostring(raised.message) end
  if type(raised) == "table" and raised.headline then return raised.headline end
  return (tostring(raised):gsub("^[^\n]-:%d+: ", ""))
end

-- A raised table as one text: a refusal with its code.
local function account_of(raised)
  if raised.message then return (raised.code or "error") .. ": " .. tostring(raised.message) end
  return "a table was raised: " .. show(raised)
end

-- Each takes its arguments and says whether it holds, and for a failure what was expected and what
-- was there.
local checks = {}

function checks.equal(expected, actual) return expected == actual, show(expected), show(actual) end
function checks.same(expected, actual)
  return same(expected, actual), show(expected), show(actual)
end
function checks.truthy(value) return value and true or false, "something true", show(value) end
function checks.falsy(value) return not value, "nil or false", show(value) end
checks["true"] = function(value) return value == true, "true", show(value) end
checks["false"] = function(value) return value == false, "false", show(value) end
checks["nil"] = function(value) return value == nil, "nil", show(value) end

function checks.near(expected, actual, tolerance)
  local holds = actual >= expected - tolerance and actual <= expected + tolerance
  return holds, show(expected) .. " ± " .. show(tolerance), show(actual)
end

function checks.match(pattern, actual)
  local holds = (type(actual) == "string" or type(actual) == "number")
    and tostring(actual):find(pattern) ~= nil
  return holds, "text that matches " .. show(pattern), show(actual)
end

function checks.error(action, expected)
  local ran, raised = pcall(action)
  if ran and expected == nil then return false, "an error", "no error" end
  if ran then return false, "an error: " .. show(expected), "no error" end
  if expected == nil then return true, "no error", "an error: " .. text_of(raised), raised end
  local holds = same(expected, raised) or text_of(raised) == expected
    or type(raised) == "table" and raised.code == expected
  return holds, "an error: " .. show(expected), "an error: " .. text_of(raised), raised
end

for _, name in ipairs { "number", "string", "table", "boolean", "function" } do
  checks[name] = function(value) return type(value) == name, "a " .. name, show(value) end
end

-- How many arguments each takes; one more is a message.
local counts = { equal = 2, same = 2, near = 3, match = 2, error = 2 }
local spellings = {
  equals = "equal", eq = "equal", sames = "same", matches = "match", errors = "error",
  truish = "truthy", falsey = "falsy", approximately = "near",
}
local connectives = {
  are = true, is = true, has = true, have = true, does = true, be = true, was = true,
  a = true, an = true,
}

local function headline(name, negated)
  local words = {
    equal = "the values are not equal", same = "the values are not the same",
    error = "it did not raise that error",
  }
  if not negated then return words[name] or "it is not what it should be" end
  if name == "error" then return "it raised an error" end
  if name == "equal" then return "the values are equal and should not be" end
  if name == "same" then return "the values are the same and should not be" end
  return "it is what it should not be"
end

local function check_caller(key, name, negated)
  local check = checks[name]
  if not check then complain("there is no assert." .. key) end
  local count = counts[name] or 1
  return function(...)
    local message = select(count + 1, ...)
    if name == "error" and negated then message = (select(2, ...)) end
    local holds, expected, actual, raised = check(...)
    if holds == not negated then
      if name == "error" then return raised end
      return ...
    end
    local said = message and tostring(message) or headline(name, negated)
    if negated and name ~= "error" then return fail(said, "anything but " .. expected, actual) end
    fail(said, expected, actual)
  end
end

-- Words until a check is named: assert.is_not.equal and assert.is.not_equal are the same.
local function words(negated)
  return setmetatable({}, {
    __index = function(_, key)
      local negates, name = negated, nil
      for word in tostring(key):lower():gmatch("[^_]+") do
        if word == "not" or word == "no" then
          negates = not negates
        elseif not connectives[word] then
          name = name and name .. "_" .. word or word
        end
      end
      if not name then return words(negates) end
      return check_caller(key, spellings[name] or name, negates)
    end,
    __call = function(_, value, message, ...)
      if value then return value, message, ... end
      if type(message) == "table" then error(message) end
      fail(message and tostring(message) or "the assertion does not hold")
    end,
  })
end

return { assert = words(false), Failure = Failure, account_of = account_of }
