---@meta
-- Made by `hearth meta`: do not edit.

-- What the sandbox has besides Lua's own functions, or in another form.

hearth = {}

---JSON null; Lua's nil is absence.
hearth.null = nil

os = {}

---Declares a recipe: the file ends in `return recipe { … }`.
---@param declaration hearth.Recipe all that there is to say
---@return hearth.Recipe
function recipe(declaration) end

---Makes it a list: `{}` alone is an object where no type is declared.
---@param items any[] a table, perhaps an empty one
---@return any[]
function hearth.list(items) end

---The link itself: equal links lead to the same place.
---@param value any a cell, or something in one
---@return hearth.Link
function hearth.link_of(value) end

---Writes to the server's log, as `ctx.log` does.
---@param ... any what to write
function print(...) end

---Loads a module of the recipe's own; its tables are read-only afterwards.
---@param name string a file of the recipe's folder, or `hearth.types`
---@return any
function require(name) end

---Seeded by the event: equal on a re-run.
---@param low integer? least, or greatest when alone
---@param high integer? greatest
---@return number
function math.random(low, high) end

---Seconds since 1970 of `ctx.now`, in UTC.
---@param at table? a date; now unless given
---@return integer
function os.time(at) end

---A date in UTC.
---@param format string? as in Lua
---@param time integer? seconds since 1970; `ctx.now` unless given
---@return string|table
function os.date(format, time) end
