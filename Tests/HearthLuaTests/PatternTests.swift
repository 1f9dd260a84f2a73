import HearthLua
import Testing

/// What Lua 5.4's own library answers. Thousands of random patterns were compared when the matcher was written; these
/// are the cases that tell its branches apart.
@Suite struct `Patterns` {
    @Test(arguments: [
        ("('hello world'):find('o w')", "5 7"), ("('hello'):find('l+')", "3 4"), ("('hello'):find('xyz')", "nil"),
        ("('a.b'):find('.', 1, true)", "2 2"), ("('hello'):find('', 10)", "nil"), ("('hello'):find('', 6)", "6 5"),
        ("('hello'):match('(h)(.)()')", "h e 3"), ("('key = value'):match('^(%w+)%s*=%s*(%w+)$')", "key value"),
        ("('  x  '):match('^%s*(.-)%s*$')", "x"), ("('f(a(b)c)d'):match('%b()')", "(a(b)c)"),
        ("('THE (quick) fox'):find('%f[%a]%a+%f[%A]')", "1 3"), ("('abab'):match('(ab)%1')", "ab"),
        ("('abc'):gsub('', '-')", "-a-b-c- 4"), ("('abc'):gsub('%w', '%0%0')", "aabbcc 3"),
        ("('abc'):gsub('%w', { a = 'x', b = false })", "xbc 3"), ("('abc'):gsub('b', function() end)", "abc 1"),
        ("('hello world'):gsub('o', '0', 1)", "hell0 world 1"), ("('abc'):gsub('^a', 'x')", "xbc 1"),
        ("('[x]'):match('[]]')", "]"), ("('a-z'):match('[a%-]+')", "a-"), ("('x^y'):match('[%^]')", "^"),
        ("('äö'):gsub('[\\128-\\191]', '')", "\u{FFFD}\u{FFFD} 2"), ("('abc'):match('.-', -1)", ""),
        ("('abc'):gsub('(b)', '[%1]')", "a[b]c 1"), ("('a,b,,c'):gsub(',', ';')", "a;b;;c 3"),
        ("('x'):rep(3, ',')", "x,x,x"), ("('abc'):find('b', -2)", "2 2"), ("('aXb'):gsub('%u', '%%')", "a%b 1"),
        // Found by the fuzzer, which compares with the system's Lua: an old class was none.
        ("('x\\0y'):find('%z')", "2 2"), ("('x\\0y'):find('%Z+', 2)", "3 3"),
    ])
    func `match as in Lua`(expression: String, expected: String) throws {
        let result = try Bench.evaluate(
            """
            local out = table.pack(\(expression))
            for i = 1, out.n do out[i] = tostring(out[i]):gsub("[\\xC3]", "\u{FFFD}") end
            return table.concat(out, " ", 1, out.n)
            """)
        #expect(result == [.string(expected)])
    }

    @Test func `gmatch walks all matches`() throws {
        let result = try Bench.evaluate(
            "local o = {} for k, v in ('a=1, b=2'):gmatch('(%w)=(%w)') do o[#o + 1] = k .. v end return table.concat(o)"
        )
        #expect(result == [.string("a1b2")])
    }

    @Test(arguments: [
        "('a'):find('[a')", "('a'):find('%')", "('a'):find('(a')", "('a'):match('a)')", "('a'):find('%1')",
        "('a'):find('%f')", "('a'):find('%b')", "('a'):gsub('a', '%2')", "('a'):gsub('a', '%x')",
        "('a'):rep(300):match(('a?'):rep(300))", "('a'):gsub('a', function() return {} end)",
    ])
    func `a malformed pattern is an error`(expression: String) throws {
        var bench = try Bench("return { run = function() return (\(expression)) end }")
        bench.budget = LuaBudget(instructions: 3_000_000)
        #expect(throws: LuaError.self) { try bench.run() }
    }
}
