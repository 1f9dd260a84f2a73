/// `require "hearth.types"`, in Lua. It only notes down what was asked for and where; ``DeclarationReader`` judges it, so
/// that all mistakes are reported at once.
package enum TypesPrelude {
    package static let moduleName = "hearth.types"

    /// A noted type is a table with `["$type"]`, its arguments, its modifiers and its place in the sources.
    package static let text = #"""
        local internals = ...
        local position = internals.position
        local Type, t = {}, {}

        local function place(noted)
          local file, line = position()
          noted["$file"], noted["$line"] = file, line
          return noted
        end

        local function note(kind, arguments)
          return setmetatable(place { ["$type"] = kind, arguments = arguments }, Type)
        end

        local function modify(name)
          return function(self, argument)
            if type(self) ~= "table" or not self["$type"] then
              error("call modifiers with a colon: t.string {} :" .. name .. "()", 2)
            end
            local copy, modifiers = {}, {}
            for key, value in pairs(self) do copy[key] = value end
            for key, value in ipairs(self.modifiers or {}) do modifiers[key] = value end
            modifiers[#modifiers + 1] = place { name = name, argument = argument }
            copy.modifiers = modifiers
            if copy.bare then copy = place(copy) end
            return setmetatable(copy, Type)
          end
        end

        Type.__index = {}
        for _, name in ipairs { "per", "many", "ephemeral", "private", "read", "merge" } do
          Type.__index[name] = modify(name)
        end

        -- `t.any` and `t.any()` are the same: a constructor is itself the type without arguments.
        local function constructor(kind, gather)
          t[kind] = setmetatable({ ["$type"] = kind, bare = true }, {
            __index = Type.__index,
            __call = function(_, ...) return note(kind, gather(...)) end,
          })
        end

        local function options(...)
          return { options = ... }
        end
        local function element(...)
          local of, with = ...
          return { given = select("#", ...) > 0, element = of, options = with }
        end
        for _, kind in ipairs { "string", "integer", "number", "boolean", "any" } do constructor(kind, options) end
        for _, kind in ipairs { "list", "map", "optional" } do constructor(kind, element) end
        for _, kind in ipairs { "object", "open_object" } do
          constructor(kind, function(fields) return { fields = fields } end)
        end
        constructor("link", function(cell) return { cell = cell } end)
        constructor("enum", function(given)
          if type(given) ~= "table" then return { choices = given } end
          local choices, rest = {}, {}
          for _, choice in ipairs(given) do choices[#choices + 1] = choice end
          for key, value in pairs(given) do
            if math.type(key) ~= "integer" then rest[key] = value end
          end
          return { choices = choices, options = rest }
        end)

        local function derived(kind)
          t[kind] = function(list, first, second)
            return place { ["$derived"] = kind, list = list, first = first, second = second }
          end
        end
        for _, kind in ipairs { "last", "count", "where", "map_of", "sum", "group_by", "sort_by" } do derived(kind) end

        -- An empty table in front: nothing here becomes a global.
        return setmetatable({}, {
          __index = function(_, name)
            if t[name] then return t[name] end
            error("there is no t." .. tostring(name) .. "; types are t.string, t.integer, t.number, t.boolean, t.enum, "
              .. "t.list, t.map, t.object, t.open_object, t.optional, t.any and t.link", 2)
          end,
        })
        """#
}
