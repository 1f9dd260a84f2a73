import Testing

extension Attack {
    static let memory: [Attack] = [
        .limit("doubling", "local s = 'x' while true do s = s .. s end"), .limit("rep", "return ('x'):rep(1e9)"),
        .either("rep beyond all numbers", "return ('x'):rep(1 << 62)"),
        .failure("rep with a separator", "return (''):rep(1e6, ('x'):rep(1e6))"),
        .limit("rep, caught", "while true do pcall(string.rep, 'x', 1e9) end"),
        .limit("concat with a long separator", "return table.concat({ 1, 2, 3, 4, 5, 6, 7, 8, 9 }, ('x'):rep(3e6))"),
        .limit("format again and again", "local t = {} while true do t[#t + 1] = string.format('%99.99f', 1e308) end"),
        .limit("format of long strings", "local s = ('x'):rep(3e6) return string.format('%s%s%s%s', s, s, s, s)"),
        .limit("format of %q", "return string.format('%q', ('\\0'):rep(4e6))"),
        .limit("gsub amplification", "return (('x'):rep(1e4):gsub('x', ('y'):rep(1e4)))"),
        .limit("gsub of captures", "return (('x'):rep(3e3):gsub('.*', ('%0'):rep(3e3)))"),
        .limit("gsub of the empty match", "return (('x'):rep(1e6):gsub('', ('y'):rep(1e3)))"),
        .limit("pack", "local t = {} while true do t[#t + 1] = table.pack(table.unpack({}, 1, 1e4)) end"),
        .limit("string.pack", "local t = {} while true do t[#t + 1] = string.pack('s', ('x'):rep(1e5)) end"),
        .limit(
            "utf8.char",
            "local t = {} for i = 1, 200 do t[i] = 0x10FFFF end local s = utf8.char(table.unpack(t)) while true do s = s .. s end"
        ),
        .limit("constructor", "local t = {} while true do t = { t, t, t, t, t, t, t, t } end"),
        .limit("a table that grows", "local t = {} while true do t[#t + 1] = #t end"),
        .limit("a table with fields that grows", "local t, n = {}, 0 while true do n = n + 1 t['k' .. n] = n end"),
        .limit(
            "a list with a far index",
            "local t = {} for i = 1, 62 do t[1 << i] = i end while true do t[#t + 1] = {} end"),
        .limit("closures", "local t = {} while true do local a = {} t[#t + 1] = function() return a end end"),
        .limit("metatables", "local t = {} while true do t[#t + 1] = setmetatable({}, {}) end"),
        .either("arguments", "local function f(...) return f(1, 2, 3, ...) end f()"),
        .limit(
            "upper of what is long",
            "local s = ('x'):rep(3e6) local t = {} while true do t[#t + 1] = s:upper() .. #t end"),
        .limit(
            "full to the brim",
            "local t = {} pcall(function() while true do t[#t + 1] = { {} } end end) while true do t[1] = {} end"),
        .limit(
            "garbage at the brim",
            "local t = {} for i = 1, 60000 do t[i] = { i } end while true do local x = { {}, { 1 } } end"),
        .limit("errors of 100 megabytes", "local s = ('x'):rep(3e6) while true do pcall(error, s .. s) end"),
        .failure("a long error", "error(('x'):rep(3e6))"),
        .failure("an error with a long code", "error({ code = '', message = ('x'):rep(3e6) })"),
        .failure("unpack of too much", "return table.unpack({}, 1, 1e8)"),
        .failure("unpack of all integers", "return table.unpack({}, math.mininteger, math.maxinteger)"),
        .failure("char of too much", "return string.char(table.unpack({}, 1, 1e7))"),
        .failure("format with a wide field", "return string.format('%999d', 1)"),
        .failure("packed with a wide integer", "return string.pack('i17', 1)"),
        .either("packed with a wide string", "return string.pack('c2000000000', 'x')"),
        .harmless("select far away", "return select(-1, table.unpack({}, 1, 1e4)) == nil"),
        .failure(
            "weak tables", "local mt = {} local t = setmetatable({}, mt) mt.__mode = 'k' while true do t[{}] = {} end"),
        .failure("weak tables by another way", "local mt = {} setmetatable({}, mt) rawset(mt, '__mo' .. 'de', 'kv')"),
        .failure(
            "finalizers",
            "local mt = {} mt['__' .. 'gc'] = function() while true do end end while true do setmetatable({}, mt) end"),
        .limit(
            "__newindex near the cap",
            "local t = {} local mt = { __newindex = function(_, k, v) t[k] = v end } local x = setmetatable({}, mt) while true do x[#t + 1] = { {} } end"
        ),
    ]
}

@Suite struct `Attacks on memory` {
    @Test(arguments: Attack.memory) func `end`(attack: Attack) throws { try attack.run() }
}
