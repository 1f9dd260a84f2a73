import Testing

extension Attack {
    /// By way of faults that Lua 5.4.0 to 5.4.4 are known to have; Docs/sandbox.md says what closes each off.
    static let knownFaults: [Attack] = [
        .failure(
            "a variable that is closed",
            "local mt = {} mt['__cl' .. 'ose'] = function() while true do end end local x <close> = setmetatable({}, mt)"
        ),
        .failure("a cell that is closed", "local x <close> = cells.o"),
        .failure("a closing value of a loop", "for _ in next, {}, nil, cells.o do break end"),
        .failure("a closed coroutine", "local c = coroutine.create(print) coroutine['close'](c)"),
        .failure("a collection on demand", "local name = 'collect' .. 'garbage' return cells[name] or math.nothing()"),
        .limit(
            "errors in handlers at the end of the C stack",
            "local function f() return (('x'):gsub('x', function() return xpcall(f, f) end)) end while true do pcall(f) end"
        ),
        .failure(
            "errors at the end of the C stack that nobody catches",
            "local t t = setmetatable({}, { __index = function(_, k) if k > 190 then error(t) end return t[k + 1] + nil end }) return t[1]"
        ),
        .limit(
            "handlers that need the C stack when it has ended",
            "local function f() return (('x'):gsub('x', f)) end while true do xpcall(f, function(m) return xpcall(f, error, m) end) end"
        ),
        .limit(
            "a stack that may not grow in a tail call",
            "local function f(...) return { ... } end while true do pcall(function(...) return f(...) end, table.unpack({}, 1, 250000)) end"
        ),
        .either(
            "a stack that overflows in a tail call",
            "local function f(...) return f(1, ...) end return f(table.unpack({}, 1, 15000))"
        ),
        .limit(
            "metamethods that fail at the end of the C stack",
            "local t t = setmetatable({}, { __index = function(_, k) return t[k .. 'x'] end, __tostring = function(s) return s.x end }) while true do pcall(tostring, t) end"
        ),
        .limit(
            "handlers of handlers",
            "local function h(e) return xpcall(error, h, e .. 'x') end while true do xpcall(error, h, 'x') end"),
        .limit(
            "comparators in comparators",
            "local function f() table.sort({ 3, 2, 1 }, function() return f() end) end while true do pcall(f) end"),
        .limit(
            "coroutines that fail in coroutines",
            "local function f(n) if n == 0 then error('x') end return coroutine.wrap(f)(n - 1) end while true do pcall(f, 20) end"
        ),
        .harmless(
            "constants in bitwise operations",
            "local x = 7 return x & 3.0 == 3 and 3.0 & x == 3 and x | 0x7fffffff == 0x7fffffff and ~0 & x == 7"),
        .harmless(
            "stray continuation bytes",
            "return pcall(function() for _ in utf8.codes('ab\\x80') do end end) ~= nil"),
    ]
}

@Suite struct `Attacks by known faults of Lua` {
    @Test(arguments: Attack.knownFaults) func `end`(attack: Attack) throws { try attack.run() }
}

@Suite struct `A recipe that names its environment` {
    @Test(arguments: [
        "local _ENV <const> = {}", "local function f(_ENV) return x end", "local x = _ENV", "_ENV.x = 1", "-- _ENV",
    ])
    func `does not load`(line: String) {
        #expect(problems("\(line)\nreturn recipe { name = 'test', handlers = {} }").first?.contains("_ENV") == true)
    }
}
