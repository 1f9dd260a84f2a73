import HearthValues

/// Takes fields out of a message and says what would be right when one is wrong.
struct FieldReader {
    private let object: Object

    init(_ object: Object) { self.object = object }

    /// The field unless it is absent or `null`.
    func present(_ name: String) -> Value? {
        guard let value = object[name], !value.isNull else { return nil }
        return value
    }

    /// A field that must be there, whatever it holds.
    func any(_ name: String) throws(WireError) -> Value {
        guard let value = object[name] else { throw missing(name, "a JSON value") }
        return value
    }

    func string(_ name: String, _ right: String = "a string") throws(WireError) -> String {
        guard let value = object[name] else { throw missing(name, right) }
        guard let string = value.string else { throw wrong(name, value, right) }
        return string
    }

    func optionalString(_ name: String) throws(WireError) -> String? {
        guard let value = present(name) else { return nil }
        guard let string = value.string else { throw wrong(name, value, "a string") }
        return string
    }

    func cell(_ name: String) throws(WireError) -> String {
        let cell = try string(name, "a cell id")
        guard CellID.isValid(cell) else {
            throw .badField(name, "\"\(name)\" must be a cell id such as \"cursor\", not \"\(cell.clipped)\"")
        }
        return cell
    }

    /// An integer of at least 1 that must be there.
    func eventID(_ name: String) throws(WireError) -> Int64 {
        let right = "an integer of at least 1"
        guard let value = object[name] else { throw missing(name, right) }
        guard let id = value.wholeNumber, id >= 1 else { throw wrong(name, value, right) }
        return id
    }

    /// An integer of at least 0, or nothing.
    func optionalCount(_ name: String) throws(WireError) -> UInt64? {
        guard let value = present(name) else { return nil }
        guard let number = value.wholeNumber, number >= 0 else { throw wrong(name, value, "an integer of at least 0") }
        return UInt64(number)
    }

    /// A bool that is false when it is absent.
    func flag(_ name: String) throws(WireError) -> Bool {
        guard let value = present(name) else { return false }
        guard let flag = value.bool else { throw wrong(name, value, "true or false") }
        return flag
    }

    func wrong(_ name: String, _ value: Value, _ right: String) -> WireError {
        let found =
            switch value {
            case .int, .double: JSON.text(value)
            default: "a \(value.kindName)"
            }
        return .badField(name, "\"\(name)\" must be \(right), not \(found)")
    }

    private func missing(_ name: String, _ right: String) -> WireError {
        .badField(name, "\"\(name)\" is missing; it must be \(right)")
    }
}

extension Value {
    /// The number when it is whole, however it is spelled: `3` and `3.0` are the same JSON number.
    fileprivate var wholeNumber: Int64? {
        switch self {
        case .int(let number): number
        case .double(let number): Int64(whole: number)
        default: nil
        }
    }
}

extension String {
    /// At most 64 characters, to be quoted in a message.
    var clipped: String { count > 64 ? prefix(64) + "…" : self }
}
