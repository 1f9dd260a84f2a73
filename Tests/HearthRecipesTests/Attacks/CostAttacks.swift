import HearthRecipes
import HearthValues
import Testing

extension Attack {
    /// Single instructions and single calls that take long: no hook fires in them.
    static let costs: [Attack] = [
        .harmless("nothing, as often as can be", "return (''):rep(1 << 62) == '' and (''):rep(1 << 40, '') == ''"),
        .limit("little, as often as can be", "while true do ('x'):rep(4000000) end"),
        .limit("a format of spaces", "local f = (' '):rep(4000000) while true do string.unpack(f, '') end"),
        .limit("a format of spaces, packed", "local f = (' '):rep(4000000) while true do string.pack(f) end"),
        .limit("a format as long as can be", "local f = ('i1'):rep(1000000) while true do string.packsize(f) end"),
        .limit("spaces that are no number", "local s = (' '):rep(4000000) while true do tonumber(s) end"),
        .limit("digits in a base", "local s = ('1'):rep(4000000) while true do tonumber(s, 10) end"),
        .limit(
            "arithmetic with spaces",
            "local s = (' '):rep(4000000) while true do pcall(function() return s + 1 end) end"),
        .limit(
            "spaces for a whole number", "local s = (' '):rep(4000000) while true do pcall(string.sub, 'x', s) end"),
        .limit(
            "comparing what is long", "local s = ('a'):rep(3999999) local a, b = s .. 'a', s .. 'b' while a < b do end"),
        .limit("fields in one chain", "local t = {} for i = 1, 1e6 do t[i * 131071] = i end"),
        .limit("fields in one chain, by half", "local t = {} for i = 1, 1e6 do t[i * 16383] = i end"),
        .limit(
            "fields in one chain, walked",
            "local t = {} for i = 1, 16000 do t[i * 16383] = i end while true do for _ in pairs(t) do end end"),
        .limit(
            "fields in one chain, one by one",
            "local t = {} for i = 1, 16000 do t[i * 16383] = i end local k while true do k = next(t, k) end"),
        .limit("numbers in one chain", "local t = {} for i = 1, 1e6 do t[i * 131071 + 0.5] = i end"),
        .limit("fields of cells without end", "local t = {} for i = 1, 1e6 do t['k' .. i] = i end cells.o = t"),
    ]
}

@Suite struct `Attacks by the cost of one step` {
    @Test(arguments: Attack.costs) func `end`(attack: Attack) throws { try attack.run() }

    @Test func `an object of many fields can still be read whole`() throws {
        // How fast the machine is does not matter here.
        var limits = RecipeLimits()
        RecipeLimits.all.first { $0.name == "milliseconds" }?.set(0, in: &limits)
        let room = try Room(
            cells: "o = t.map(t.integer())",
            handlers: """
                fill = function(cells, data) for i = 1, 10000 do cells.o["k" .. data.from + i] = i end end,
                read = function(cells) local n = 0 for _ in pairs(cells.o:snapshot()) do n = n + 1 end return n end
                """, limits: limits)
        try room.send("fill", .object(["from": 0]))
        try room.send("fill", .object(["from": 10_000]))
        #expect(try room.send("read") == .int(20_000))
    }
}
