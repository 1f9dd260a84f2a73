import HearthLua
import HearthValues
import Testing

@Suite struct `Values` {
    static let samples: [Value] = [
        .null, .bool(true), .bool(false), .int(0), .int(.max), .int(.min), .double(1), .double(-0.0), .double(1e300),
        .string(""), .string("é\u{0}\u{10FFFF}"), .list([]), .list([.int(1), .null, .list([.bool(false)])]),
        .object(["a": .int(1), "b": .object(["c": .null])]),
    ]

    @Test(arguments: samples)
    func `come back from Lua as they went`(value: Value) throws {
        let main = SourceFile(path: "recipe.lua", text: "return { run = function(v) return { v = v } end }")
        let vm = try LuaVM(modules: [main])
        guard let function = try vm.load(main: main)["run"].function else {
            Issue.record("no function")
            return
        }
        let back = try vm.call(
            function.handle, run: LuaRun(now: 0, seed: 0), arguments: { $0.write(value) },
            result: { reader throws(LuaFormatError) in try reader.readValue() })
        #expect(back == .object(["v": value]))
    }

    @Test func `a list emptied in Lua stays a list`() throws {
        let main = SourceFile(path: "recipe.lua", text: "return { run = function(v) v[1] = nil return v end }")
        let vm = try LuaVM(modules: [main])
        guard let function = try vm.load(main: main)["run"].function else { return }
        let back = try vm.call(
            function.handle, run: LuaRun(now: 0, seed: 0), arguments: { $0.write(Value.list([.int(1)])) },
            result: { reader throws(LuaFormatError) in try reader.readValue() })
        #expect(back == .list([]))
    }

    @Test func `a buffer that is cut anywhere is refused and never read past its end`() throws {
        var writer = LuaWriter()
        writer.write(Value.object(["a": .list([.int(1), .double(2), .string("text")]), "b": .null]))
        let bytes = writer.bytes
        for length in 0..<bytes.count {
            let copy = Array(bytes.prefix(length))
            copy.withUnsafeBytes { cut in
                var reader = LuaReader(cut)
                let value = try? reader.readValue()
                #expect(value == nil || length == 0, "\(length)")
            }
        }
    }
}
