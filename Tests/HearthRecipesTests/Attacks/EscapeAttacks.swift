import Testing

extension Attack {
    /// Names that a Lua of the system has and a recipe must not.
    static let absent = [
        "debug", "package", "io", "load", "loadstring", "loadfile", "dofile", "collectgarbage", "_G", "newproxy",
        "module",
        "setfenv", "getfenv", "arg", "bit32", "jit", "ffi", "os.execute", "os.exit", "os.getenv", "os.remove",
        "os.rename",
        "os.tmpname", "os.clock", "os.setlocale", "os.difftime", "string.dump", "math.randomseed", "coroutine.close",
        "hearth.call", "hearth.internals",
    ].map { Attack.harmless($0, "if rawequal(\($0), nil) then return true end error('there')") }

    static let escapes: [Attack] = [
        .failure("string.dump", "return string.dump(print)"), .failure("load", "return load('return 1')()"),
        .failure("byte code", "return load('\\27Lua')"), .failure("require of io", "return require 'io'"),
        .failure("require of a path", "return require '../../etc/passwd'"),
        .failure("require of a global", "return require '_G'"),
        .failure("require in a handler", "return require 'hearth.types' and require 'other'"),
        .failure("a global", "stolen = 1"),
        .failure("a global of a coroutine", "coroutine.wrap(function() stolen = cells end)()"),
        .failure("a global function", "function pairs() end"),
        .failure("rawset on a library", "rawset(string, 'x', 1)"),
        .failure("insert into a library", "table.insert(string, cells)"),
        .failure("remove from a library", "table.remove(string)"),
        .failure("move into a library", "table.move({ 1 }, 1, 1, 1, string)"),
        .failure("sort a library", "table.sort(math)"),
        .failure("setmetatable on a library", "setmetatable(string, {})"),
        .failure("a field of a library", "string.upper = nil"),
        .failure("a constant", "math.pi = 3"), .failure("null", "hearth.null = 1"),
        .failure("the metatable of strings", "getmetatable('').__index = {}"),
        .failure("a string's method", "local s = 'x' s.upper = 1"),
        .failure(
            "the library behind a string", "local library = (''):gsub('', '') and string rawset(library, 'upper', nil)"),
        .failure("rawset on a string", "rawset('', 'x', 1)"),
        .failure("setmetatable on a string", "setmetatable('', {})"),
        .failure("setmetatable on a number", "setmetatable(1, {})"),
        .failure("setmetatable on a function", "setmetatable(print, {})"),
        .failure("setmetatable on nil", "setmetatable(nil, {})"),
        .failure("setmetatable on a coroutine", "setmetatable(coroutine.create(print), {})"),
        .failure("setmetatable on a cell", "setmetatable(cells.o, {})"),
        .failure("setmetatable on null", "setmetatable(hearth.null, {})"),
        .failure("a protected metatable", "setmetatable(setmetatable({}, { __metatable = false }), {})"),
        .failure("a list's metatable", "setmetatable(hearth.list {}, {})"),
        .failure("a module table", "config.limit = 6"),
        .failure("a list of a module", "table.insert(config.names, 'c')"),
        .failure("a nested table of a module", "config.names[1] = cells"), .failure("a class", "Class.extra = 1"),
        .failure("a class through its object", "getmetatable(setmetatable({}, Class)).extra = 1"),
        .failure("a class through __index", "rawset(Class.__index, 'extra', 1)"),
        .failure("an upvalue", "counter = counter + 1"),
        .failure("an upvalue, then an error", "counter = cells error('x')"),
        .failure("an upvalue in a coroutine", "coroutine.wrap(function() counter = 5 coroutine.yield() end)()"),
        .limit("an upvalue, then a loop", "counter = 9 while true do end"),
        .failure("a method of a cell", "cells.o.get = 1 rawset(cells.o, 'get', 2)"), .failure("ctx", "ctx.now = 1"),
        .failure("who", "rawset(ctx, 'who', 1)"), .failure("the list of participants", "ctx.participants = nil"),
        .failure("a type of the recipe", "t.string = nil"), .failure("methods of types", "t.any.private = nil"),
        .failure("select of nothing", "select(0)"), .failure("next of a stranger", "next(cells)"),
        .failure("format of an address", "return string.format('%p', {})"),
        .failure("pack of a pointer", "return string.pack('T', {})"),
        .harmless(
            "addresses",
            "local text = tostring({}) .. tostring(print) .. tostring(cells) .. tostring(ctx) .. tostring(coroutine.create(print)) .. tostring(hearth.null) return not text:find('0x') or error(text)"
        ),
        .harmless(
            "addresses in errors",
            "local _, text = pcall(error, {}) local _, more = pcall(function() return {} .. print end) return not (tostring(text) .. more):find('0x') or error(more)"
        ),
        .harmless(
            "metatables of basic types",
            "for _, v in ipairs { '', 1, true, print, coroutine.create(print), hearth.null, cells, ctx, cells.o } do assert(not getmetatable(v)) end return true"
        ),
        .harmless(
            "order of pairs",
            "local a, b, s = {}, {}, '' for i = 1, 50 do a['k' .. i] = i end for i = 50, 1, -1 do b['k' .. i] = i end for k in pairs(a) do s = s .. k end for k in pairs(b) do s = s:sub(#k + 1) end return s == '' or error(s)"
        ),
        .failure("order of what has none", "for _ in pairs { [{}] = 1, [{}] = 2 } do end"),
    ]
}

@Suite struct `Attacks on the walls` {
    @Test(arguments: Attack.escapes) func `end`(attack: Attack) throws { try attack.run() }
    @Test(arguments: Attack.absent) func `find nothing`(attack: Attack) throws { try attack.run() }
}
