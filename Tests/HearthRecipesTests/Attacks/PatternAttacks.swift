import Testing

extension Attack {
    static let patterns: [Attack] = [
        .limit("sixteen times a-", "string.find(('a'):rep(16), ('a-'):rep(16) .. 'b')"),
        .limit("thirty times a*", "string.find(('a'):rep(30), ('a*'):rep(30) .. 'b')"),
        .limit("a? before itself", "string.find(('a'):rep(28), ('a?'):rep(28) .. ('a'):rep(28) .. 'b')"),
        .limit("balanced over open ones", "string.find(('('):rep(200000), '%b()')"),
        .limit("frontier", "while true do string.find(('a'):rep(1e5), '%f[b]') end"),
        .limit("gmatch", "for _ in ('a'):rep(1e5):gmatch('.-b') do end"),
        .limit("gsub", "('a'):rep(1e5):gsub('.-b', '')"),
        .limit("gsub anchored again and again", "while true do ('a'):rep(1e5):gsub('^a*b', '') end"),
        .limit("back references", "string.find(('a'):rep(2000), '(.-)%1(.-)%2b')"),
        .limit("a set as long as the text", "string.find(('a'):rep(1e4), '[' .. ('b'):rep(1e4) .. ']')"),
        .limit("plain text", "while true do string.find(('a'):rep(1e6), ('a'):rep(5e5) .. 'b', 1, true) end"),
        .limit("caught", "pcall(string.find, ('a'):rep(30), ('a*'):rep(30) .. 'b')"),
        .limit("as a method", "(('a'):rep(16)):match(('a-'):rep(16) .. 'b')"),
        .limit("from a coroutine", "coroutine.wrap(string.find)(('a'):rep(30), ('a*'):rep(30) .. 'b')"),
        .failure("too deep", "return ('a'):rep(1e5):match(('a?'):rep(1e4))"),
        .failure("too many captures", "return ('a'):rep(100):match(('(a)'):rep(100))"),
        .failure("malformed", "return ('a'):find('[' .. ('%'):rep(1e5))"),
    ]
}

@Suite struct `Attacks by patterns` {
    @Test(arguments: Attack.patterns) func `end`(attack: Attack) throws { try attack.run() }
}
