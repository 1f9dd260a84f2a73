internal import CLuaBridge

extension LuaError {
    /// What the bridge reports, with the source line looked up in `files`.
    init(_ outcome: bridge_outcome, files: [SourceFile]) {
        let code = String(cString: outcome.code)
        self.init(
            Kind(outcome, code: code), String(cString: outcome.message),
            traceback: String(cString: outcome.traceback))
        let noted = String(cString: outcome.file)
        if !noted.isEmpty { (file, line) = (noted, Int(outcome.line)) }
        takePositionFromMessage(files)
        if let file, let line { sourceLine = files.first { $0.path == file }?.line(line) }
    }

    /// Lua puts `recipe.lua:12: ` before its messages, and `error(text, 2)` names another line than the one that
    /// raised: the prefix wins over the noted position.
    private mutating func takePositionFromMessage(_ files: [SourceFile]) {
        for source in files where message.hasPrefix(source.path + ":") {
            let rest = message.dropFirst(source.path.count + 1)
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            guard let number = Int(digits), rest.dropFirst(digits.count).hasPrefix(":") else { continue }
            (file, line) = (source.path, number)
            message = String(rest.dropFirst(digits.count + 1).drop { $0 == " " })
            return
        }
    }
}

extension LuaError.Kind {
    fileprivate init(_ outcome: bridge_outcome, code: String) {
        switch UInt32(bitPattern: outcome.status) {
        case BRIDGE_SYNTAX.rawValue: self = .syntax
        case BRIDGE_FAILED.rawValue: self = .failed(code: code)
        case BRIDGE_ABORTED.rawValue: self = .aborted(code: code)
        case BRIDGE_DEAD.rawValue: self = .dead
        case BRIDGE_LIMIT.rawValue: self = LuaLimit(bridge: outcome.limit).map { .limit($0) } ?? .runtime
        default: self = .runtime
        }
    }
}
