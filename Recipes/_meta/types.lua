---@meta hearth.types
-- Made by `hearth meta`: do not edit.

---@class hearth.Derived

---@class hearth.Type
local Type = {}

---One cell for each participant, or for each identity; `cells.NAME` is that of whoever's event runs.
---@param owner "session"|"user" whose
---@return hearth.Type
function Type:per(owner) end

---Made on demand, `cells.card:new {…}`; collected when nothing links to it.
---@return hearth.Type
function Type:many() end

---Not stored, no `seq`, the newest value wins: presence, cursors. Its owner may write it directly.
---@return hearth.Type
function Type:ephemeral() end

---Sent to its owner only.
---@return hearth.Type
function Type:private() end

---Sent to those with the role.
---@param role string a role
---@return hearth.Type
function Type:read(role) end

---What to do when two transactions changed it; without it that is a conflict.
---@param policy "last-write"|"max"|fun(base: any, mine: any, theirs: any): any what to do
---@return hearth.Type
function Type:merge(policy) end

---@class hearth.types
local t = {}

---UTF-8 text; lengths in characters.
---@param options {min: integer?, max: integer?, pattern: string?, default: string?}?
---@return hearth.Type
function t.string(options) end

---A whole number.
---@param options {min: integer?, max: integer?, default: integer?}?
---@return hearth.Type
function t.integer(options) end

---A number, kept as it came.
---@param options {min: number?, max: number?, default: number?}?
---@return hearth.Type
function t.number(options) end

---true or false.
---@param options {default: boolean?}?
---@return hearth.Type
function t.boolean(options) end

---One of the listed values.
---@param choices any[] strings, numbers or booleans; options stand among them
---@return hearth.Type
function t.enum(choices) end

---A list of one type of items.
---@param of hearth.Type the type of its items
---@param options {max: integer?}?
---@return hearth.Type
function t.list(of, options) end

---Any keys, values of one type.
---@param of hearth.Type the type of its items
---@param options {max: integer?}?
---@return hearth.Type
function t.map(of, options) end

---An object with exactly these fields: others are refused.
---@param fields table<string, hearth.Type> its fields by name
---@return hearth.Type
function t.object(fields) end

---An object with these fields and any others.
---@param fields table<string, hearth.Type> its fields by name
---@return hearth.Type
function t.open_object(fields) end

---It, or nothing.
---@param of hearth.Type the type of what may be absent
---@return hearth.Type
function t.optional(of) end

---A link; to a cell of that name if one is given.
---@param cell string? the name of a cell
---@return hearth.Type
function t.link(cell) end

---The last items.
---@param list string the name of a list cell
---@param count integer how many, from 1
---@return hearth.Derived
function t.last(list, count) end

---How many items there are, or how many of them match.
---@param list string the name of a list cell
---@param where table|fun(item: any): boolean? which: `{field = value}` or a function
---@return hearth.Derived
function t.count(list, where) end

---The items that match.
---@param list string the name of a list cell
---@param where table|fun(item: any): boolean which: `{field = value}` or a function
---@return hearth.Derived
function t.where(list, where) end

---The items by a key of each.
---@param list string the name of a list cell
---@param by string|fun(item: any): any a field of each item, or a function of it
---@param value string|fun(item: any): any? what stands under the key; else the item
---@return hearth.Derived
function t.map_of(list, by, value) end

---The sum of numbers.
---@param list string the name of a list cell
---@param by string|fun(item: any): number? what is added up
---@return hearth.Derived
function t.sum(list, by) end

---Lists of items by a key.
---@param list string the name of a list cell
---@param by string|fun(item: any): any a field of each item, or a function of it
---@return hearth.Derived
function t.group_by(list, by) end

---The items in order.
---@param list string the name of a list cell
---@param by string|fun(item: any): any a field of each item, or a function of it
---@param order "asc"|"desc"? "asc" unless said
---@return hearth.Derived
function t.sort_by(list, by, order) end

---@type hearth.Type|fun(): hearth.Type
t.any = nil

return t
