import HearthIsolation
import HearthLua
import HearthValues
import Testing

@Suite struct `Messages of a recipe's process` {
    static let program = LuaProgram(
        modules: [SourceFile(path: "recipe.lua", text: "return {}"), SourceFile(path: "lib/ä.lua", text: "")],
        limits: LuaLimits(memoryBytes: 1, sourceBytes: 2, load: LuaBudget(instructions: 3)),
        prelude: SourceFile(path: "p", text: "return 1"), library: [SourceFile(path: "x/y.lua", text: "--")])

    @Test func `a program arrives as it was sent`() throws {
        var writer = FrameWriter()
        writer.begin(.open)
        writer.put(Self.program)
        try writer.bytes.withUnsafeBytes { bytes in
            var reader = FrameReader(bytes)
            #expect(try reader.kind() == .open)
            let program = try reader.takeProgram()
            try reader.expectEnd()
            #expect(program.modules == Self.program.modules)
            #expect(program.limits == Self.program.limits)
            #expect(program.prelude == Self.program.prelude)
            #expect(program.library == Self.program.library)
        }
    }

    static let kinds: [LuaError.Kind] =
        [.syntax, .runtime, .failed(code: "full"), .aborted(code: "budget_exceeded"), .dead, .host]
        + LuaLimit.allCases.map { .limit($0) }

    @Test(arguments: kinds) func `an error arrives as it was sent`(kind: LuaError.Kind) throws {
        var error = LuaError(kind, "what happened", file: "recipe.lua", line: 1, traceback: "stack")
        var writer = FrameWriter()
        writer.begin(.failed)
        writer.put(error)
        let read = try writer.bytes.withUnsafeBytes { bytes in
            var reader = FrameReader(bytes)
            _ = try reader.kind()
            return try reader.takeError(Self.program.modules)
        }
        error.sourceLine = "return {}"
        #expect(read == error)
    }

    @Test func `an error quotes and names no file but the recipe's`() throws {
        var writer = FrameWriter()
        writer.put(LuaError(.runtime, "x", file: "/etc/passwd", line: 1, sourceLine: "root"))
        let read = try writer.bytes.withUnsafeBytes { bytes in
            var reader = FrameReader(bytes)
            return try reader.takeError(Self.program.modules)
        }
        #expect(read.file == nil && read.line == nil && read.sourceLine == nil)
    }

    @Test func `a message that is cut short anywhere is refused`() {
        var writer = FrameWriter()
        writer.put(LuaError(.failed(code: "full"), "what happened", file: "recipe.lua", line: 1, traceback: "stack"))
        for count in 0..<writer.bytes.count {
            Array(writer.bytes[..<count]).withUnsafeBytes { bytes in
                var reader = FrameReader(bytes)
                #expect(throws: FrameFault.self) { try reader.takeError(Self.program.modules) }
            }
        }
    }

    @Test func `a message with any byte changed is read or refused`() {
        var writer = FrameWriter()
        writer.begin(.open)
        writer.put(Self.program)
        writer.put(LuaError(.limit(.time), "what happened", file: "recipe.lua", line: 1, traceback: "stack"))
        for place in writer.bytes.indices {
            for bit in 0..<8 {
                var bytes = writer.bytes
                bytes[place] ^= 1 << bit
                bytes.withUnsafeBytes { bytes in
                    var reader = FrameReader(bytes)
                    _ = try? reader.kind()
                    _ = try? reader.takeProgram()
                    _ = try? reader.takeError(Self.program.modules)
                }
            }
        }
    }

    @Test func `a text is bounded and valid`() {
        var writer = FrameWriter()
        writer.put("twelve bytes")
        writer.bytes.withUnsafeBytes { bytes in
            var reader = FrameReader(bytes)
            #expect(throws: FrameFault.self) { try reader.takeText(max: 11) }
        }
        ([2, 0, 0, 0, 0xC3, 0x28] as [UInt8]).withUnsafeBytes { bytes in
            var reader = FrameReader(bytes)
            #expect(throws: FrameFault.self) { try reader.takeText() }
        }
    }
}
