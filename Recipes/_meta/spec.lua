---@meta
-- Made by `hearth meta`: do not edit.

-- What `*_spec.lua` has on top.

---A group of tests.
---@param name string a sentence
---@param body fun() what it does
function describe(name, body) end

---A test.
---@param name string a sentence
---@param body fun() what it does
function it(name, body) end

---A test that is not to run yet; inside a test: what follows is not to run yet.
---@param name string a sentence
function pending(name) end

---Runs before every test of the group.
---@param body fun() what it does
function before_each(body) end

---Runs after every test of the group, also after one that failed.
---@param body fun() what it does
function after_each(body) end

---Runs once before the tests of the group; its rooms stay open for all of them.
---@param body fun() what it does
function setup(body) end

---Runs once after the tests of the group.
---@param body fun() what it does
function teardown(body) end

---Runs a body in many interleavings; a failure tells the shortest schedule and its seed.
---@param options {runs: integer?, seed: integer?, recipe: string?, input: any?, faults: boolean?} how many runs, from which seed
---@param body fun(room: hearth.SpecRoom): fun()? what happens; may return what must hold after
function explore(options, body) end

---Opens a room in memory, with a clock of its own.
---@param recipe string its name
---@param options {seed: integer?, input: any?, id: string?}? what the room is made with
---@return hearth.SpecRoom
function hearth.room(recipe, options) end

---@class hearth.SpecRoom
---@field cells table<string, any> the cells as they are stored
---@field stats table<string, integer> events, commits, conflicts, reruns, reattached, …
---@field happened string[] what went wrong on purpose in `explore`: conflict, drop, away, lose, double, …
---@field now integer virtual time in milliseconds
---@field id string the room's id
local SpecRoom = {}

---Lets a participant in.
---@param options {name: string?, roles: string[]?, id: string?}? who
---@return hearth.SpecParticipant
function SpecRoom:join(options) end

---One piece of work; true while more is left.
---@return boolean
function SpecRoom:step() end

---Everything up to the moment when nothing is left to do but to wait.
function SpecRoom:run() end

---Lets virtual time pass.
---@param ms number milliseconds
function SpecRoom:advance(ms) end

---Makes the next commits of a handler meet a conflict.
---@param options {handler: string, times: integer?} whose next commits meet a conflict
function SpecRoom:conflict(options) end

---Stops the server and starts it again.
function SpecRoom:restart() end

---Throws the Lua VM away, as a crossed limit does.
function SpecRoom:discard() end

---An event that no participant sends.
---@param event string the handler
---@param data any? what it is sent
---@return table
function SpecRoom:call(event, data) end

---Loads another version of the recipe into the running room.
---@param options {source: string} the new recipe
function SpecRoom:reload(options) end

---Functions that do their part at once; in `explore`, every run in another order.
---@param ... fun() one participant's part
function SpecRoom:concurrently(...) end

---@class hearth.SpecParticipant
---@field view table<string, any> what its replica shows, links resolved
---@field signals table[] the signals it got
---@field errors table[] the errors it got
---@field commits table[] the commits it saw
---@field id string its identity
---@field session string its session
---@field name string? its name
---@field seq integer the commit that its replica is at
---@field connected boolean whether it has a connection
---@field closed table? why its session ended
local SpecParticipant = {}

---Sends an event; returns the ack, raises what a client would get.
---@param event string the handler
---@param data any? what it is sent
---@return table
function SpecParticipant:send(event, data) end

---The same without raising: the ack, or nil and the error.
---@param event string the handler
---@param data any? what it is sent
---@return table?, table?
function SpecParticipant:try(event, data) end

---Sends without waiting; has `done`, and then `ack` or `error`.
---@param event string the handler
---@param data any? what it is sent
---@return table
function SpecParticipant:start(event, data) end

---Writes an ephemeral cell of the participant's own.
---@param cell string the name
---@param value any the value
function SpecParticipant:set(cell, value) end

---Says a raw JSON message, as a PartySocket client does; what it brings is heard in `signals` and `errors`.
---@param message table with a `type`
function SpecParticipant:message(message) end

---How this participant answers questions; without it they time out.
---@param answer fun(name: string, data: any): any answers `ctx.ask`; nil stays silent
function SpecParticipant:on_ask(answer) end

---Loses the connection.
function SpecParticipant:disconnect() end

---Comes back to its session, with what it has seen.
function SpecParticipant:resume() end

---Comes back to its session as a page that was loaded anew.
function SpecParticipant:reload() end

---Ends its session.
function SpecParticipant:leave() end

---@class hearth.Assert
---@field [string] any
---@overload fun(value: any, message: any?): any
assert = {}

---Equal by `==`.
---@param expected any
---@param actual any
function assert.equal(expected, actual) end

---Equal all the way down.
---@param expected any
---@param actual any
function assert.same(expected, actual) end

---It is `true`.
---@param value any
function assert.is_true(value) end

---It is `false`.
---@param value any
function assert.is_false(value) end

---It is nil.
---@param value any
function assert.is_nil(value) end

---It is not nil.
---@param value any
function assert.is_not_nil(value) end

---It is neither nil nor false.
---@param value any
function assert.truthy(value) end

---It is nil or false.
---@param value any
function assert.falsy(value) end

---As good as equal.
---@param expected number
---@param actual number
---@param tolerance number
function assert.near(expected, actual, tolerance) end

---A Lua pattern matches it.
---@param pattern string
---@param actual string
function assert.matches(pattern, actual) end

---It raises an error: this text, this code, or any.
---@param action fun()
---@param expected any?
function assert.has_error(action, expected) end
