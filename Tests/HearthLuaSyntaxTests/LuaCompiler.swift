import CLua

/// Lua's own compiler, to compare with.
final class LuaCompiler {
    private let state: OpaquePointer

    init?() {
        guard let state = luaL_newstate() else { return nil }
        self.state = state
    }

    deinit { lua_close(state) }

    enum Outcome {
        /// The byte code without names and line numbers, but with the first and last line of each function.
        case code([UInt8])
        case refusal(String)
    }

    func compile(_ text: [UInt8]) -> Outcome {
        let status = text.withUnsafeBytes { bytes in
            luaL_loadbufferx(
                state, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count, "=text", "t")
        }
        defer { lua_settop(state, 0) }
        guard status == LUA_OK else {
            return .refusal(lua_tolstring(state, -1, nil).map { String(cString: $0) } ?? "")
        }
        var code: [UInt8] = []
        let write: lua_Writer = { _, piece, size, sink in
            sink?.assumingMemoryBound(to: [UInt8].self).pointee.append(
                contentsOf: UnsafeRawBufferPointer(start: piece, count: size))
            return 0
        }
        _ = withUnsafeMutablePointer(to: &code) { lua_dump(state, write, $0, 1) }
        return .code(code)
    }
}
