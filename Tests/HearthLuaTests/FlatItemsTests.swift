import HearthLua
import HearthValues
import Testing

@Suite struct `Flat items that somebody else wrote` {
    /// One of each kind, nested.
    static let sound: [UInt8] = {
        var writer = LuaWriter()
        writer.beginList(count: 10)
        writer.writeAbsent()
        writer.writeNull()
        writer.write(true)
        writer.write(Int64.min)
        writer.write(Double.nan)
        writer.write("ä\u{0}")
        writer.write(LuaNode(7, .many))
        writer.write(FunctionHandle(9))
        writer.writeLink("card/x#/y")
        writer.beginObject(count: 2)
        writer.writeKey("")
        writer.beginList(count: 0)
        writer.writeKey("b")
        writer.write(false)
        return Array(writer.bytes)
    }()

    static func fault(_ bytes: [UInt8], count: Int? = 1) -> String? {
        bytes.withUnsafeBytes { FlatItems.fault(in: $0, count: count) }
    }

    @Test func `are taken when they are what a bridge writes`() {
        #expect(Self.fault(Self.sound) == nil)
        #expect(Self.fault(Self.sound + Self.sound, count: nil) == nil)
        #expect(Self.fault([], count: 0) == nil)
    }

    @Test func `are refused when they are cut short anywhere, or more than they should be`() {
        for count in 0..<Self.sound.count { #expect(Self.fault(Array(Self.sound[..<count])) != nil, "\(count) bytes") }
        #expect(Self.fault(Self.sound + [0]) != nil)
    }

    @Test(
        arguments: [
            [7, 255, 255, 255, 255], [8, 255, 255, 255, 255], [6, 5, 0, 0, 0, 65], [6, 1, 0, 0, 0, 0xFF],
            [13, 0, 0, 0, 0],
            [99], [9, 1, 0, 0, 0, 0], [9, 1, 0, 0, 0, 6], [8, 1, 0, 0, 0, 1, 0, 0, 0, 0xC0, 1],
        ] as [[UInt8]])
    func `are refused when they lie`(bytes: [UInt8]) {
        #expect(Self.fault(bytes) != nil)
    }

    @Test func `are refused when they are nested too deep`() {
        let level: [UInt8] = [7, 1, 0, 0, 0]
        let most = Array(repeatElement(level, count: FlatItems.depthMax).joined())
        #expect(Self.fault(most + [1]) == nil)
        #expect(Self.fault(level + most + [1]) != nil)
        #expect(Self.fault(Array(repeatElement(level, count: 1_000_000).joined())) != nil)
    }

    @Test func `are refused when there are too many`() {
        func list(_ count: Int) -> [UInt8] {
            var writer = LuaWriter()
            writer.beginList(count: count)
            return Array(writer.bytes) + Array(repeating: 1, count: count)
        }
        #expect(Self.fault(list(FlatItems.itemsMax - 1)) == nil)
        #expect(Self.fault(list(FlatItems.itemsMax)) != nil)
    }

    /// What passes the check can be read to its end, whatever it is.
    @Test func `that pass can be read`() {
        var random = SeededRandom(seed: 11)
        var passed = 0
        for _ in 0..<20_000 {
            var bytes = Self.sound
            for _ in 0...random.next(below: 3) {
                bytes[random.next(below: bytes.count)] = UInt8(random.next(below: 256))
            }
            guard Self.fault(bytes) == nil else { continue }
            passed += 1
            bytes.withUnsafeBytes { raw in
                var reader = LuaReader(raw)
                #expect(throws: Never.self) { try reader.skip() }
                #expect(reader.isAtEnd)
                var values = LuaReader(raw)
                _ = try? values.readValue { _ in .null }
            }
        }
        #expect(passed > 500)
    }
}
