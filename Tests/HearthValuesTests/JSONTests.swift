import HearthValues
import Testing

@Suite struct `JSON text` {
    @Test(arguments: 0..<20)
    func `writes numbers of every length, and texts that need escapes anywhere`(digits: Int) {
        let power = (0..<digits).reduce(Int64(1)) { power, _ in power.multipliedReportingOverflow(by: 10).partialValue }
        for number in [power, power - 1, power + 1, -power, 1 - power, .max, .min] {
            #expect(JSON.text(.int(number)) == String(number))
        }
        for place in 0...digits {
            let plain = String(repeating: "x", count: place)
            let rest = String(repeating: "y", count: digits - place)
            #expect(JSON.text(.string(plain + rest)) == "\"\(plain)\(rest)\"")
            #expect(JSON.text(.string(plain + "\n" + rest + "é\"")) == "\"\(plain)\\n\(rest)é\\\"\"")
        }
    }

    @Test(arguments: Seed.some(6))
    func `reads back as the value that was written`(seed: Seed) throws {
        var random = seed.random
        for _ in 0..<150 {
            let value = random.value()
            let bytes = JSON.bytes(value)
            let read = try JSON.parse(bytes, links: .parsed)
            #expect(read == value)
            #expect(JSON.bytes(try JSON.parse(bytes)) == bytes)
        }
    }

    @Test(arguments: Seed.some(2))
    func `keeps every double exactly`(seed: Seed) throws {
        var random = seed.random
        for _ in 0..<1500 {
            let double = random.double()
            #expect(try JSON.parse(JSON.text(.double(double))) == .double(double))
            let short = Double(random.next(below: 1_000_000)) / 1000
            #expect(try JSON.parse("\(Int(short)).\(Int(short * 1000) % 1000 + 1000)e-3").double?.isFinite == true)
        }
    }

    @Test(arguments: Seed.some(6))
    func `mutated at random never crashes the reader`(seed: Seed) {
        var random = seed.random
        for _ in 0..<150 {
            var bytes = JSON.bytes(random.value())
            for _ in 0...random.next(below: 3) {
                let index = random.next(below: bytes.count)
                switch random.next(below: 3) {
                case 0: bytes[index] = UInt8(truncatingIfNeeded: random.next())
                case 1: bytes.insert(Array("{}[],:\"\\0-.eE ".utf8)[random.next(below: 14)], at: index)
                default: if bytes.count > 1 { bytes.remove(at: index) }
                }
            }
            if let value = try? JSON.parse(bytes) { #expect((try? JSON.parse(JSON.bytes(value))) == value) }
        }
    }

    @Test(arguments: [
        ("9223372036854775807", Value.int(.max)), ("-9223372036854775808", .int(.min)),
        ("9223372036854775808", .double(0x1p63)), ("-9223372036854775809", .double(-0x1p63)),
        ("123456789012345678901234567890", .double(0x1.8ee90ff6c373ep+96)),
        ("0", .int(0)), ("-0", .double(-0.0)), ("-0.0", .double(-0.0)), ("1.0", .double(1)), ("1e2", .double(100)),
        ("1E-2", .double(0.01)), ("2.2250738585072011e-308", .double(.leastNormalMagnitude.nextDown)),
        ("1e-400", .double(0)), ("0e99999999999999999999", .double(0)), ("5e-324", .double(.leastNonzeroMagnitude)),
        ("9007199254740993.0", .double(9_007_199_254_740_992)), ("0.1", .double(0.1)),
        ("1.7976931348623157e308", .double(.greatestFiniteMagnitude)),
    ])
    func `reads numbers exactly`(text: String, value: Value) throws {
        #expect(try JSON.parse(text) == value)
    }

    static let canonical: [(Value, String)] = [
        (Value.double(1), "1.0"), (.double(-0.0), "-0.0"), (.double(1e21), "1e+21"),
        (.int(.min), "-9223372036854775808"),
        (.string("\u{0}\u{1f}\u{7f}\"\\/\n\t\u{8}\u{c}\r"), "\"\\u0000\\u001f\u{7f}\\\"\\\\/\\n\\t\\b\\f\\r\""),
        (["b": 1, "a": [], "": .object([:])], "{\"\":{},\"a\":[],\"b\":1}"),
        (.link(Link(cell: "a", pointer: Pointer(tokens: ["b"]))), "{\"$ref\":\"a#/b\"}"),
    ]

    @Test(arguments: canonical)
    func `is written canonically`(value: Value, text: String) { #expect(JSON.text(value) == text) }

    @Test func `keeps the last of two equal keys`() throws {
        #expect(try JSON.parse(#"{"a":1,"b":2,"a":3}"#) == ["a": 3, "b": 2])
    }

    @Test func `decodes every kind of escape`() throws {
        let text = #""\"\\\/\b\f\n\r\t\u0041\u00e9\uD83D\uDE00 and plain \u20ac€""#
        #expect(try JSON.parse(text) == .string("\"\\/\u{8}\u{c}\n\r\tAé😀 and plain €€"))
    }

    @Test(arguments: 0..<20)
    func `finds what ends a string wherever it stands`(offset: Int) throws {
        let plain = String(repeating: "x", count: offset)
        #expect(try JSON.parse("\"\(plain)\"") == .string(plain))
        #expect(try JSON.parse("\"\(plain)\\n\(plain)é\(plain)\"") == .string("\(plain)\n\(plain)é\(plain)"))
        #expect(throws: JSONError.self) { try JSON.parse("\"\(plain)\n\(plain)\"") }
        #expect(throws: JSONError.self) { try JSON.parse("\"\(plain)\(plain)") }
        let bad = Array("\"\(plain)".utf8) + [0xFF] + Array("\(plain)\"".utf8)
        #expect(throws: JSONError.self) { try JSON.parse(bad) }
    }

    @Test(arguments: 0..<20)
    func `writes whole numbers of every length`(digits: Int) {
        let power = (0..<digits).reduce(1 as UInt64) { product, _ in product * 10 }
        for number in [power - 1, power, power + 1, power / 10 * 9, UInt64(Int64.max), .max, 0] {
            #expect(written { $0.appendInt(number) } == String(number))
            let signed = Int64(truncatingIfNeeded: number)
            #expect(written { $0.appendInt(signed) } == String(signed))
            #expect(JSON.text(.int(0 &- signed)) == String(0 &- signed))
        }
    }

    private func written(_ write: (inout ByteSink) -> Void) -> String {
        var sink = ByteSink()
        write(&sink)
        return String(decoding: sink.bytes, as: UTF8.self)
    }

    @Test(arguments: 0..<20)
    func `escapes what must be, wherever it stands in a text`(length: Int) {
        let escapes = [
            ("\"", "\\\""), ("\\", "\\\\"), ("\n", "\\n"), ("\u{1}", "\\u0001"), ("\u{1F}", "\\u001f"), (" ", " "),
            ("!", "!"), ("#", "#"), ("[", "["), ("]", "]"), ("\u{7F}", "\u{7F}"), ("é", "é"),
            ("\u{10FFFF}", "\u{10FFFF}"),
        ]
        for place in 0...length {
            for (plain, escaped) in escapes {
                let (before, after) = (
                    String(repeating: "x", count: place), String(repeating: "y", count: length - place)
                )
                let text = "\"\(before)\(escaped)\(after)\""
                #expect(
                    JSON.text([before + plain + after: .string(before + plain + after)]) == "{\(text):\(text)}")
            }
        }
    }

    /// Eight bytes are looked at in one go: whichever of them are to be escaped, each is, and nothing else.
    @Test func `escapes each of two neighbours by itself`() throws {
        for first in 0..<128 as Range<UInt8> {
            for second in 0..<128 as Range<UInt8> {
                let bytes = Array("abc".utf8) + [first, second] + Array("efg".utf8)
                let text = String(decoding: bytes, as: UTF8.self)
                let escaped = text.unicodeScalars.map { scalar in
                    switch scalar {
                    case "\"": "\\\""
                    case "\\": "\\\\"
                    case "\u{8}": "\\b"
                    case "\t": "\\t"
                    case "\n": "\\n"
                    case "\u{C}": "\\f"
                    case "\r": "\\r"
                    case ..<" ": "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
                    default: String(scalar)
                    }
                }.joined()
                #expect(JSON.text(.string(text)) == "\"\(escaped)\"")
                #expect(try JSON.parse("\"\(escaped)\"") == .string(text))
            }
        }
    }

    /// Half of what was expected is kept; more would keep memory that holds nothing.
    @Test(arguments: [0, 1, 7, 16, 40, 41, 42, 82, 1_000])
    func `is written where it stays, however long it was expected to be`(expected: Int) {
        let value: Value = ["text": .string(String(repeating: "x", count: 30))]
        let bytes = JSON.bytes(value, expecting: expected)
        #expect(bytes == JSON.bytes(value))
        #expect(bytes.count == 41 && bytes.capacity < 2 * 41 + 64)
    }

    /// Keys in place and on the heap, longer than what is kept, with bytes that are escaped, and more than there are places.
    @Test func `has the same keys whether they are kept or not`() {
        var random = SeededRandom(seed: 5)
        let pieces = [
            "", "a", "at", "text", "é", "\"", "\n", "a key of sixteen", "a key that is longer than what is kept of any",
        ]
        var sink = ByteSink(keepsKeys: true)
        for _ in 0..<2_000 {
            let keys = (0..<random.next(below: 6)).map { _ in
                // Made anew each time: a text of its own where the last one may have been.
                (0..<random.next(below: 3)).map { _ in pieces[random.next(below: pieces.count)] }.joined()
            }
            let value = Value.object(Object(keys.map { ($0, Value.list([.object([$0: .null])])) }))
            // A key is kept when it has come twice.
            for _ in 0..<3 {
                sink.clear()
                JSON.write(value, into: &sink)
                #expect(sink.bytes == JSON.bytes(value))
            }
            let rows = Value.list([value, value, value, value])
            #expect(JSON.bytes(rows, expecting: random.next(below: 400)) == JSON.bytes(rows))
        }
    }

    @Test func `is taken up to the depth limit and refused beyond`() throws {
        let deepest = String(repeating: "[", count: 128) + String(repeating: "]", count: 128)
        _ = try JSON.parse(deepest)
        let error = #expect(throws: JSONError.self) { try JSON.parse("[\(deepest)]") }
        #expect(error?.kind == .tooDeep(depthMax: 128))
        #expect(error?.offset == 128)
        #expect(throws: JSONError.self) { try JSON.parse("[[1]]", limits: JSONLimits(depthMax: 1)) }
    }

    @Test func `is refused with the place and with what would be right`() {
        let error = #expect(throws: JSONError.self) { try JSON.parse("{\n \"a\": [1,\n  tru]}") }
        #expect(error?.line == 3)
        #expect(error?.offset == 17)
        #expect(error?.pointer == Pointer(tokens: ["a", "1"]))
        #expect(error?.message == "found \"]\" where \"true\" should be (line 3, byte 17, in \"/a/1\")")
        #expect(throws: JSONError.self) { try JSON.parse("") }
        #expect(throws: JSONError.self) { try JSON.parse("1 2") }
    }

    @Test(arguments: [
        ("1e400", JSONError.Kind.numberTooLarge), ("\"\\uD800\"", .loneSurrogate),
        ("\"\\uDC00\\uD800\"", .loneSurrogate),
        ("\"\\uD800\\u0041\"", .loneSurrogate),
    ])
    func `with numbers or characters that cannot be is refused`(text: String, kind: JSONError.Kind) {
        #expect(#expect(throws: JSONError.self) { try JSON.parse(text) }?.kind == kind)
    }

    @Test func `holds links where they are asked for`() throws {
        let text = #"{"a":{"$ref":"cell@s1#/x/0"}}"#
        #expect(try JSON.parse(text) == ["a": ["$ref": "cell@s1#/x/0"]])
        let link = try #require(Link("cell@s1#/x/0"))
        #expect(try JSON.parse(text, links: .parsed) == ["a": .link(link)])
    }

    @Test(arguments: [
        #"{"a":[{"$ref":"no cell"}]}"#, #"{"a":[{"$ref":"Cell#"}]}"#, #"{"a":[{"$ref":"cell#x"}]}"#,
        #"{"a":[{"$ref":1}]}"#,
        #"{"a":[{"$ref":"cell#","b":1}]}"#,
    ])
    func `with an object that only looks like a link is refused`(text: String) {
        let error = #expect(throws: JSONError.self) { try JSON.parse(text, links: .parsed) }
        #expect(error?.kind == .invalidLink)
        #expect(error?.pointer == Pointer(tokens: ["a", "0"]))
    }
}
