internal import CLuaBridge

/// What a proxy stands for; decides its methods.
package enum NodeKind: UInt8, Sendable, Hashable, CaseIterable {
    case object = 1
    case list = 2
    /// A string, number, boolean or null that is a cell of its own, or that `:key` names.
    case scalar = 3
    /// The root `cells`. Its fields are asked for once per run; it has no methods, so that cells may have any name.
    case cells = 4
    /// A family of `:many()` cells.
    case many = 5
}

/// A proxy as it crosses.
package struct LuaNode: Sendable, Hashable {
    package var id: UInt32
    package var kind: NodeKind

    package init(_ id: UInt32, _ kind: NodeKind) {
        self.id = id
        self.kind = kind
    }

    /// Ids from here on name lasting roots: root cells that hold something in every run and mean the same node in each, so
    /// that a VM asks for them once.
    package static let lasting: UInt32 = BRIDGE_NODE_LASTING
}

/// A function of the recipe's declaration; valid for the life of the VM that loaded it.
package struct FunctionHandle: Sendable, Hashable {
    package var number: UInt32

    package init(_ number: UInt32) { self.number = number }
}

/// The tag bytes of the flat buffer.
enum Tag {
    static let absent: UInt8 = 0
    static let null: UInt8 = 1
    static let no: UInt8 = 2
    static let yes: UInt8 = 3
    static let integer: UInt8 = 4
    static let double: UInt8 = 5
    static let string: UInt8 = 6
    static let list: UInt8 = 7
    static let object: UInt8 = 8
    static let node: UInt8 = 9
    static let function: UInt8 = 10
    static let link: UInt8 = 11
    static let empty: UInt8 = 12
    static let context: UInt8 = 13
    static let cells: UInt8 = 14
}
