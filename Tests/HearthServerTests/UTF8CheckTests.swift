import Testing

@testable import HearthServer

@Suite struct `A check of UTF-8` {
    private func accepts(_ parts: [UInt8]...) -> Bool {
        var check = UTF8Check()
        for part in parts { guard part.withUnsafeBytes({ check.take($0) }) else { return false } }
        return check.isWhole
    }

    /// The reference: the standard library's own, which wants everything at once.
    private func isText(_ bytes: [UInt8]) -> Bool { String(validating: bytes, as: UTF8.self) != nil }

    @Test func `agrees with the standard library on every sequence of two bytes, wherever it is cut`() {
        for first in UInt8.min...UInt8.max {
            for second in UInt8.min...UInt8.max {
                let expected = isText([first, second])
                guard accepts([first, second]) == expected, accepts([first], [second]) == expected else {
                    Issue.record("\(first) \(second)")
                    return
                }
            }
        }
    }

    @Test func `agrees with it at the borders of what three and four bytes may be`() {
        let firsts: [UInt8] = [0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF]
        let others: [UInt8] = [0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xFF]
        for first in firsts {
            for second in others {
                for third in others {
                    #expect(accepts([first], [second, third]) == isText([first, second, third]))
                    for fourth in others {
                        let all = [first, second, third, fourth]
                        guard accepts(all) == isText(all), accepts([first, second], [third, fourth]) == isText(all)
                        else {
                            Issue.record("\(all)")
                            return
                        }
                    }
                }
            }
        }
    }

    @Test(arguments: 0..<24) func `finds a wrong byte behind any number of right ones`(count: Int) {
        let right = Array(repeating: UInt8(ascii: "a"), count: count)
        #expect(accepts(right))
        #expect(!accepts(right + [0xFF] + right))
        #expect(accepts(right + Array("🫖".utf8) + right))
        #expect(!accepts(right + [0xC3]))
    }

    @Test func `fails at the first byte that cannot be right`() {
        var check = UTF8Check()
        #expect([UInt8]([0xF0, 0x9F]).withUnsafeBytes { check.take($0) })
        #expect(!check.isWhole)
        #expect(![UInt8]([0x41]).withUnsafeBytes { check.take($0) })
    }
}
