/// A link to a place in a room: `CELL#POINTER`. Its JSON form is `{"$ref":"CELL#POINTER"}`.
package struct Link: Sendable {
    /// The cell's id, `#`, and the pointer from the cell's value.
    package let text: String

    /// Nil when there is no `#`, the cell's id is not valid (``CellID/isValid(_:)``) or the rest is no JSON pointer.
    ///
    /// - Complexity: O(n).
    package init?(_ text: String) {
        guard let hash = text.utf8.firstIndex(of: UInt8(ascii: "#")),
            CellID.isValid(String(text[..<hash])),
            (try? Pointer(parsing: String(text[text.utf8.index(after: hash)...]))) != nil
        else { return nil }
        self.text = text
    }

    /// The caller vouches for the cell's id.
    package init(cell: String, pointer: Pointer) {
        // Most links name whole cells; interpolation would cost them several times as much.
        text = pointer.tokens.isEmpty ? cell + "#" : "\(cell)#\(pointer)"
    }

    /// Whether it names a place inside the cell rather than the cell.
    package var hasPointer: Bool {
        text.withBytes { $0.firstIndex(of: UInt8(ascii: "#")) != $0.count - 1 }
    }

    /// The id of the cell that is linked to.
    ///
    /// - Complexity: O(n).
    package var cell: String {
        // A part of a text need not be checked again, as bytes would be.
        let end = withCellBytes { $0.count }
        return String(text[..<text.utf8.index(text.startIndex, offsetBy: end)])
    }

    /// The UTF-8 bytes of ``cell``.
    ///
    /// - Complexity: O(n).
    @inline(__always)
    func withCellBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        text.withBytes { text in
            body(UnsafeRawBufferPointer(rebasing: text[..<(text.firstIndex(of: UInt8(ascii: "#")) ?? text.count)]))
        }
    }

    /// Whether the name of the cell that is linked to, which is what stands before the first `@` or `.`, is `name`.
    ///
    /// - Complexity: O(n).
    package func names(_ name: String) -> Bool {
        text.withBytes { text in
            name.withBytes { name in
                guard text.count > name.count,
                    UnsafeRawBufferPointer(rebasing: text[..<name.count]).order(to: name) == 0
                else { return false }
                let next = text[name.count]
                return next == UInt8(ascii: "#") || next == UInt8(ascii: "@") || next == UInt8(ascii: ".")
            }
        }
    }

    /// Where in the cell's value; no tokens for the whole cell.
    ///
    /// - Complexity: O(n).
    package var pointer: Pointer {
        guard let hash = text.utf8.firstIndex(of: UInt8(ascii: "#")) else { return Pointer() }
        let text = String(text[text.utf8.index(after: hash)...])
        return (try? Pointer(parsing: text)) ?? Pointer()
    }

    /// The key that marks a link in JSON.
    package static let key = "$ref"
}

extension Link: Hashable {
    package static func == (left: Link, right: Link) -> Bool { left.text.hasSameBytes(as: right.text) }

    package func hash(into hasher: inout Hasher) { hasher.combine(text) }
}

extension Link: CustomStringConvertible {
    package var description: String { text }
}
