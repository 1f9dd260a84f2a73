/// The ids of cells: `NAME`, `NAME@SESSION`, `NAME@u:USER` and `NAME.KEY`.
package enum CellID {
    /// Whose a cell is.
    package enum Owner: Sendable, Hashable {
        case room
        /// A participant's cell; the public id of the session.
        case session(String)
        /// A user's cell, shared by all sessions of the user; the user's id.
        case user(String)
        /// A cell made on demand; its key.
        case key(String)
    }

    /// 64 bytes: the longest name.
    package static let nameBytesMax = 64
    /// 256 bytes: the longest session id, user id with its `u:`, or key.
    package static let ownerBytesMax = 256

    /// Whether `name` is `[a-z][a-z0-9_]*` of at most ``nameBytesMax`` bytes.
    ///
    /// - Complexity: O(n).
    package static func isName(_ name: String) -> Bool {
        !name.isEmpty && nameLength(of: name) == name.utf8.count
    }

    /// Whether `id` is a name, alone or followed by `@` or `.` and an owner: 1 to ``ownerBytesMax`` bytes without `#`
    /// and control characters.
    ///
    /// - Complexity: O(n).
    package static func isValid(_ id: String) -> Bool {
        let length = nameLength(of: id)
        if length == 0 { return false }
        let rest = id.utf8.dropFirst(length)
        guard let mark = rest.first else { return true }
        guard mark == UInt8(ascii: "@") || mark == UInt8(ascii: ".") else { return false }
        var owner = rest.dropFirst()
        guard !owner.isEmpty, owner.count <= ownerBytesMax, owner.allSatisfy(isPlain) else { return false }
        if mark == UInt8(ascii: "@"), owner.starts(with: "u:".utf8) {
            owner = owner.dropFirst(2)
            return !owner.isEmpty
        }
        return true
    }

    /// What stands before the first `@` or `.`.
    ///
    /// - Complexity: O(n).
    package static func name(of id: String) -> Substring {
        let length = id.withBytes(nameLength(in:))
        return id[..<id.utf8.index(id.startIndex, offsetBy: length)]
    }

    /// Whether ``name(of:)`` the id is `name`.
    ///
    /// - Complexity: O(n).
    package static func isNamed(_ id: String, _ name: String) -> Bool {
        // Most ids begin with another letter.
        guard id.utf8.first == name.utf8.first else { return false }
        return id.withBytes { id in
            name.withBytes { name in nameLength(in: id) == name.count && id.starts(with: name) }
        }
    }

    /// Whether the id is one of `names`, or ``name(of:)`` it is.
    ///
    /// - Complexity: O(n), and O(1) for each name that is another.
    package static func isAskedFor(_ id: String, by names: [String]) -> Bool {
        id.withBytes { id in
            let length = nameLength(in: id)
            for index in names.indices where isSame(id, length, names[index]) { return true }
            return false
        }
    }

    private static func isSame(_ id: UnsafeRawBufferPointer, _ nameLength: Int, _ other: String) -> Bool {
        other.withBytes { other in
            (other.count == nameLength || other.count == id.count)
                && UnsafeRawBufferPointer(rebasing: id[..<other.count]).order(to: other) == 0
        }
    }

    /// How many bytes stand before the first `@` or `.`.
    private static func nameLength(in id: UnsafeRawBufferPointer) -> Int {
        id.firstIndex { $0 == UInt8(ascii: "@") || $0 == UInt8(ascii: ".") } ?? id.count
    }

    /// Whose the cell is; `.room` also when `id` is not valid.
    ///
    /// - Complexity: O(n).
    package static func owner(of id: String) -> Owner {
        let rest = id.utf8.dropFirst(name(of: id).utf8.count)
        guard let mark = rest.first else { return .room }
        let owner = rest.dropFirst()
        if mark == UInt8(ascii: ".") { return .key(String(Substring(owner))) }
        if owner.starts(with: "u:".utf8) { return .user(unescaped(Substring(owner.dropFirst(2)))) }
        return .session(String(Substring(owner)))
    }

    /// The id of a participant's cell.
    package static func session(_ name: String, _ session: String) -> String { "\(name)@\(session)" }

    /// The id of a user's cell. User ids come from elsewhere and may hold anything: `#`, `%` and control characters are
    /// written `%XX`, and ``owner(of:)`` undoes that. Too long a user id gives an id that is not valid.
    package static func user(_ name: String, _ user: String) -> String { "\(name)@u:\(escaped(user))" }

    /// The id of a cell made on demand.
    package static func made(_ name: String, _ key: String) -> String { "\(name).\(key)" }

    private static func nameLength(of id: String) -> Int {
        var length = 0
        for byte in id.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"): break
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"): if length == 0 { return 0 }
            default: return length
            }
            length += 1
            if length > nameBytesMax { return 0 }
        }
        return length
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte != 0x7F && byte != UInt8(ascii: "#")
    }

    private static func escaped(_ user: String) -> String {
        if user.utf8.allSatisfy({ isPlain($0) && $0 != UInt8(ascii: "%") }) { return user }
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in user.utf8 {
            if isPlain(byte) && byte != UInt8(ascii: "%") {
                bytes.append(byte)
            } else {
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func unescaped(_ user: Substring) -> String {
        guard user.utf8.contains(UInt8(ascii: "%")) else { return String(user) }
        var bytes: [UInt8] = []
        var rest = user.utf8[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let code = UInt8(String(Substring(rest.prefix(2))), radix: 16) {
                bytes.append(code)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
