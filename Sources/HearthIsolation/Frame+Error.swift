package import HearthLua

/// How errors of Lua are written into messages.
extension FrameWriter {
    package mutating func put(_ error: LuaError) {
        switch error.kind {
        case .syntax: put(UInt8(0))
        case .runtime: put(UInt8(1))
        case .failed(let code):
            put(UInt8(2))
            put(code)
        case .aborted(let code):
            put(UInt8(3))
            put(code)
        case .limit(let limit):
            put(UInt8(4))
            put(limit.rawValue)
        case .dead: put(UInt8(5))
        case .host, .lost: put(UInt8(6))
        }
        put(error.message)
        put(error.file ?? "")
        put(UInt32(clamping: error.line ?? 0))
        put(error.traceback)
    }
}

extension FrameReader {
    /// The bridge keeps 4096 bytes of each; what was no valid UTF-8 in them may have grown threefold.
    private static var textMax: Int { 16 << 10 }

    /// - Parameter files: of the recipe; the line at fault is quoted from them, and no other file is named, whatever the
    ///   process said.
    package mutating func takeError(_ files: [SourceFile]) throws(FrameFault) -> LuaError {
        let kind = try takeKind()
        var error = LuaError(kind, try takeText(max: Self.textMax))
        let file = try takeText(max: Self.textMax)
        let line = Int(try take(UInt32.self))
        error.traceback = try takeText(max: Self.textMax)
        try expectEnd()
        guard let source = files.first(where: { $0.path == file }) else { return error }
        error.file = file
        if line > 0 {
            error.line = line
            error.sourceLine = source.line(line)
        }
        return error
    }

    private mutating func takeKind() throws(FrameFault) -> LuaError.Kind {
        switch try take(UInt8.self) {
        case 0: return .syntax
        case 1: return .runtime
        case 2: return .failed(code: try takeText(max: Self.textMax))
        case 3: return .aborted(code: try takeText(max: Self.textMax))
        case 4:
            let name = try takeText(max: 100)
            guard let limit = LuaLimit(rawValue: name) else { throw FrameFault("there is no limit \(name)") }
            return .limit(limit)
        case 5: return .dead
        case 6: return .host
        case let number: throw FrameFault("there is no kind of error \(number)")
        }
    }
}
