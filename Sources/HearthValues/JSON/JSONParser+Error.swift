extension JSONParser {
    /// The error for what stands at `offset`.
    func unexpected(_ expected: String) -> JSONError {
        offset < bytes.count
            ? error(.unexpected(found: bytes[offset], expected: expected))
            : error(.unexpectedEnd(expected: expected))
    }

    func error(_ kind: JSONError.Kind) -> JSONError { error(kind, at: offset) }

    func error(_ kind: JSONError.Kind, at offset: Int) -> JSONError {
        let line = bytes.prefix(offset).reduce(1) { $1 == 0x0A ? $0 + 1 : $0 }
        return JSONError(kind: kind, offset: offset, line: line)
    }
}

extension JSONError {
    /// The same error, seen from one level up.
    func below(_ token: String) -> JSONError {
        var error = self
        error.pointer.tokens.insert(token, at: 0)
        return error
    }
}
