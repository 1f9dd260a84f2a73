---@meta
-- Made by `hearth meta`: do not edit.

-- Recipes, cells and `ctx`.

---@class hearth.Recipe
---@field name string The name of the folder or file it lies in.
---@field version? integer 1 unless said. Raise it when the types of cells change; `on.migrate` runs then.
---@field about? string One line for people who choose a room.
---@field cells? table<string, hearth.Type> The state of a room: cells by name.
---@field derived? table<string, (fun(cells: hearth.Cells): any)|hearth.Derived> Cells that follow from other cells: pure functions, or `t.last` and its kin.
---@field handlers? table<string, hearth.Handler|fun(cells: hearth.Cells, data: any, ctx: hearth.Context): any?> What participants can do, by name.
---@field on? hearth.Lifecycle What happens to a room and its participants.
---@field every? [number, string][] `{ {seconds, "handler"} }`: handlers that run again and again.
---@field watch? table<string, fun(cells: hearth.Cells, change: any, ctx: hearth.Context)> Run in the transaction that changed the cell, until nothing changes any more (at most 100 rounds).
---@field messages? table<string, fun(cells: hearth.Cells, message: any, ctx: hearth.Context)> Raw JSON messages of PartySocket clients, by `type`; `["*"]` takes what has no handler.
---@field parties? string[] Further party names that these rooms answer to.
---@field limits? table<string, integer> Lowers the limits of one event: see limits.md.

---@class hearth.Handler
---@field data? hearth.Type The schema of `data`; what does not fit is refused before anything runs.
---@field allow? string|string[]|fun(who: hearth.Participant, cells: hearth.Cells, data: any): boolean Who may: a role, any of some roles, or a function. Anyone unless said.
---@field rate? [integer, number] `{events, seconds}` for each participant.
---@field max_runs? integer How often it may run because of conflicts; 8 unless said.
---@field on_conflict? "retry"|"reject"|fun(cells: hearth.Cells, data: any, ctx: hearth.Context): any? `"retry"` unless said; a function runs in place of `run` on the newer state, with `ctx.conflict`.
---@field run fun(cells: hearth.Cells, data: any, ctx: hearth.Context): any? What it does, in one transaction.

---@class hearth.Lifecycle
---@field create? fun(cells: hearth.Cells, input: any, ctx: hearth.Context) Once, when the room is made.
---@field join? fun(cells: hearth.Cells, data: any, ctx: hearth.Context) When a participant comes in; not when one comes back to its session.
---@field leave? fun(cells: hearth.Cells, data: any, ctx: hearth.Context) When a session ends: it left, or was away for too long.
---@field idle? fun(cells: hearth.Cells, data: any, ctx: hearth.Context) When the last participant has left.
---@field migrate? fun(cells: hearth.Cells, from: integer, ctx: hearth.Context) Once for each room when `version` rose.

---@class hearth.Link

---@class hearth.Participant
---@field id string the identity
---@field name string? its name
---@field roles string[] its roles
---@field session string its session

---The cells by name. `hearth meta` also writes a class for each recipe: `---@param cells hearth.NAME.Cells`.
---@class hearth.Cells
---@field [string] any

---@class hearth.Cell
---@field [any] any
local Cell = {}

---The value; of an object or list, something that stores as a link.
---@return any
function Cell:get() end

---Replaces the whole value.
---@param value any what takes its place
function Cell:set(value) end

---Changes the given fields and leaves the others.
---@param fields table the fields to change
function Cell:update(fields) end

---The part under a key as a cell of its own, whatever its name or type.
---@param key string|integer a field name, or an index from 1
---@return hearth.Cell
function Cell:key(key) end

---A plain copy, which stores as a copy.
---@return any
function Cell:snapshot() end

---Whether there is a value.
---@return boolean
function Cell:exists() end

---Removes it; links to it read as nil from now on.
function Cell:delete() end

---@class hearth.List : hearth.Cell
local List = {}

---Adds values at the end. Two pushes never conflict.
---@param ... any what to add
function List:push(...) end

---Inserts a value before an index.
---@param index integer from 1 to # + 1
---@param value any what to insert
function List:insert(index, value) end

---Removes the item at an index.
---@param index integer from 1 to #
---@return any
function List:remove(index) end

---The last items, oldest first.
---@param count integer how many at most
---@return any[]
function List:last(count) end

---The first item for which the test holds, and its index.
---@param test fun(item: any, index: integer): boolean holds for the item wanted
---@return any, integer
function List:find(test) end

---Removes all items for which the test holds; returns how many.
---@param test fun(item: any, index: integer): boolean holds for items to remove
---@return integer
function List:remove_where(test) end

---@class hearth.Scalar : hearth.Cell
local Scalar = {}

---Adds to a number. Two increments never conflict.
---@param by number? 1 when absent
function Scalar:increment(by) end

---@class hearth.Many
---@field [any] hearth.Cell
local Many = {}

---The part under a key as a cell of its own, whatever its name or type.
---@param key string|integer a field name, or an index from 1
---@return hearth.Cell
function Many:key(key) end

---Makes a cell of this family; it lives while something links to it.
---@param fields any its first value
---@return hearth.Cell
function Many:new(fields) end

---@class hearth.Context
---@field who hearth.Participant? whose event runs
---@field now integer milliseconds since 1970, fixed for the run
---@field runs integer how often this event has run, this time included
---@field conflict table? what the last run met: cell, path, expected, actual, by, seq
---@field room {id: string} this room
local Context = {}

---As math.random; equal on a re-run of the event.
---@param low integer? least, or greatest when alone
---@param high integer? greatest
---@return number
function Context.random(low, high) end

---A fresh id; equal on a re-run of the event.
---@return string
function Context.id() end

---Everyone in the room.
---@return hearth.Participant[]
function Context.participants() end

---Writes to the server's log.
---@param ... any what to write
function Context.log(...) end

---Ends the event with an error to its sender; nothing it did remains.
---@param code string what went wrong, for programs
---@param message string? what went wrong, for people
function Context.fail(code, message) end

---Sends a message that is not state, when the event commits.
---@param name string what clients listen for
---@param data any? what they get
---@param options {to: any}? who gets it
function Context.signal(name, data, options) end

---Answers the sender, when the event commits.
---@param data any what the sender's ack carries
function Context.reply(data) end

---Sends a raw message to every connection, when the event commits.
---@param data any the raw message
---@param options table? {to_sender = false} leaves the sender out
function Context.broadcast(data, options) end

---Runs a handler later; durable. Returns an id for `cancel`.
---@param milliseconds number how long from now
---@param handler string the handler to run
---@param data any? what it gets
---@return string
function Context.after(milliseconds, handler, data) end

---Cancels a timer.
---@param id string what `after` returned
function Context.cancel(id) end

---Sends an event to another room, delivered exactly once.
---@param room string the id of another room
---@param event string its handler
---@param data any? what the handler gets
function Context.send(room, event, data) end

---Waits; other events commit meanwhile.
---@param milliseconds number how long
function Context.sleep(milliseconds) end

---Asks a participant and waits for the answer; nil when none came.
---@param participant any who is asked
---@param name string the question
---@param data any? what goes with it
---@param options {timeout: integer}? how many milliseconds to wait
---@return any
function Context.ask(participant, name, data, options) end
