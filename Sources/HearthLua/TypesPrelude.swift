/// `hearth.types`: builds plain declaration tables. A type is `{kind = "string", min = 1, …, file = …, line = …}`;
/// modifiers set `per`, `many`, `ephemeral`, `private`, `read` and `merge` on a copy. A derived builder is
/// `{kind = "derived", builder = "last", source = "messages", …}`.
let typesPrelude = #"""
    local internals = ...
    local position, complain = internals.position, internals.complain
    local Type = { __metatable = false, __name = "type" }
    local t = {}

    local function make(kind, fields)
      local made = fields or {}
      made.kind = kind
      made.file, made.line = position()
      return setmetatable(made, Type)
    end

    local function is_type(value)
      return type(value) == "table" and type(rawget(value, "kind")) == "string"
    end

    local function need_type(value, where)
      if not is_type(value) then
        complain(where .. " takes a type such as t.string(), got " .. type(value))
      end
      return value
    end

    local function options_of(given, where)
      if given == nil then return {} end
      if type(given) ~= "table" or is_type(given) then
        complain(where .. " takes a table of options, got " .. (is_type(given) and "a type" or type(given)))
      end
      local options = {}
      for key, value in pairs(given) do
        if type(key) ~= "string" then complain(where .. " takes named options only") end
        if key == "kind" or key == "file" or key == "line" then complain(where .. " has no option `" .. key .. "`") end
        options[key] = value
      end
      return options
    end

    local methods = {}
    local function modifier(name, check)
      methods[name] = function(self, value)
        if not is_type(self) then complain("modifiers are called with a colon: :" .. name) end
        local made = {}
        for key, held in pairs(self) do made[key] = held end
        made[name] = check(value)
        made.file, made.line = position()
        return setmetatable(made, Type)
      end
    end
    local function flag(name)
      modifier(name, function(value)
        if value ~= nil then complain(":" .. name .. "() takes no argument") end
        return true
      end)
    end
    flag "many"
    flag "ephemeral"
    flag "private"
    modifier("per", function(value)
      if value ~= "session" and value ~= "user" then complain(':per takes "session" or "user"') end
      return value
    end)
    modifier("read", function(value)
      if type(value) ~= "string" then complain(":read takes the name of a role, got " .. type(value)) end
      return value
    end)
    modifier("merge", function(value)
      if type(value) ~= "function" and type(value) ~= "string" then
        complain(":merge takes a policy or a function, got " .. type(value))
      end
      return value
    end)
    Type.__index = methods

    -- `t.any` without a call is a type too.
    local function scalar(kind)
      local constructor = { kind = kind }
      t[kind] = setmetatable(constructor, {
        __metatable = false,
        __name = "type",
        __index = methods,
        __call = function(_, given) return make(kind, options_of(given, "t." .. kind)) end,
      })
    end
    scalar "string"
    scalar "integer"
    scalar "number"
    scalar "boolean"
    scalar "any"

    function t.enum(given)
      if type(given) ~= "table" then complain("t.enum takes a list of values, got " .. type(given)) end
      local made, values = {}, {}
      for key, value in pairs(given) do
        if type(key) == "string" then made[key] = value else values[#values + 1] = value end
      end
      if #values == 0 then complain("t.enum needs at least one value") end
      made.values = values
      return make("enum", made)
    end

    local function container(kind)
      t[kind] = function(of, given)
        local made = options_of(given, "t." .. kind)
        made.of = need_type(of, "t." .. kind)
        return make(kind, made)
      end
    end
    container "list"
    container "map"
    container "optional"

    local function object(name, open)
      t[name] = function(fields, given)
        if type(fields) ~= "table" or is_type(fields) then
          complain("t." .. name .. " takes a table of fields, got " .. (is_type(fields) and "a type" or type(fields)))
        end
        local made = options_of(given, "t." .. name)
        made.fields, made.open = {}, open
        for key, value in pairs(fields) do
          if type(key) ~= "string" then complain("t." .. name .. " takes named fields only") end
          made.fields[key] = need_type(value, "field `" .. key .. "` of t." .. name)
        end
        return make("object", made)
      end
    end
    object("object", false)
    object("open_object", true)

    function t.link(target)
      if target ~= nil and type(target) ~= "string" then
        complain("t.link takes the name of a cell, got " .. type(target))
      end
      return make("link", { target = target })
    end

    local function derived(builder, detail)
      t[builder] = function(source, value, options)
        if type(source) ~= "string" then
          complain("t." .. builder .. " takes the name of a list cell, got " .. type(source))
        end
        local made = options_of(options, "t." .. builder)
        made.builder, made.source = builder, source
        detail(made, value)
        return make("derived", made)
      end
    end

    local function by(builder, optional)
      derived(builder, function(made, value)
        if value == nil and optional then return end
        if type(value) ~= "function" and type(value) ~= "string" then
          complain("t." .. builder .. " takes a field name or a function, got " .. type(value))
        end
        made.by = value
      end)
    end
    derived("last", function(made, count)
      if math.type(count) ~= "integer" or count < 1 then complain("t.last takes how many items: 1 or more") end
      made.count = count
    end)
    by("count", true)
    by "where"
    by "map_of"
    by "sum"
    by "group_by"
    by "sort_by"

    return t
    """#
