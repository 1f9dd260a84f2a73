import Testing

/// Times are counted in whole milliseconds. One of 1e300 seconds ended the server: by the first event of a handler with
/// such a rate, or when a room with such an `every` was opened.
@Suite struct `A time that a recipe declares` {
    static let endless = ["1e300", "31536001", "-1e300", "-1", "0"]

    @Test(arguments: endless) func `is no rate when it is no time`(seconds: String) {
        #expect(
            problems(
                """
                return recipe { name = "test", cells = {}, handlers = {
                  go = { rate = { 1, \(seconds) }, run = function() end } } }
                """) == ["recipe.lua:2: handlers.go.rate: expected {events, seconds}, at most a year: rate = {10, 60}"])
    }

    @Test(arguments: endless) func `is no interval when it is no time`(seconds: String) {
        let found = problems(
            """
            return recipe { name = "test", cells = {}, handlers = { go = function() end },
              every = { { \(seconds), "go" } } }
            """)
        #expect(found.count == 1 && found[0].hasSuffix("seconds, at least 0.1 and at most a year"), "\(found)")
    }

    @Test(arguments: ["1 / 0", "0 / 0", "-math.huge"]) func `is a number`(seconds: String) {
        #expect(
            !problems("return recipe { name = 'test', handlers = { go = { rate = { 1, \(seconds) }, run = print } } }")
                .isEmpty)
    }
}
