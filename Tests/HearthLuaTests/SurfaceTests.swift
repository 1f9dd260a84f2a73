import CLuaBridge
import HearthLua
import Testing

@Suite struct `The host surface` {
    struct Entry: Equatable {
        var operation: UInt32
        var kinds: UInt32
        var signature: String
        var arguments: String
    }

    static var bridge: [String: Entry] {
        var found: [String: Entry] = [:]
        var cursor = bridge_surface_entries()
        while let entry = cursor?.pointee, let name = entry.name {
            found[String(cString: name)] = Entry(
                operation: entry.operation, kinds: entry.kinds, signature: String(cString: entry.signature),
                arguments: String(cString: entry.arguments))
            cursor = cursor?.advanced(by: 1)
        }
        return found
    }

    @Test func `in C and in Swift is the same`() {
        #expect(Set(Self.bridge.keys) == Set(HostSurface.functions.map(\.name)))
        for function in HostSurface.functions {
            let entry = Self.bridge[function.name]
            #expect(entry?.operation == function.operation.rawValue, "\(function.name)")
            #expect(entry?.kinds == function.receivers.map(\.kinds).reduce(0, |), "\(function.name)")
            #expect(entry?.arguments == function.arguments.map(\.name).joined(separator: ", "), "\(function.name)")
            #expect(entry?.signature.count { $0 == "?" } ?? 0 == function.arguments.count { $0.isOptional })
            #expect(entry?.signature.hasSuffix("*") == function.isVariadic, "\(function.name)")
        }
    }

    @Test func `kinds and tags have the numbers of C`() {
        #expect(UInt32(NodeKind.object.rawValue) == BRIDGE_KIND_OBJECT.rawValue)
        #expect(UInt32(NodeKind.list.rawValue) == BRIDGE_KIND_LIST.rawValue)
        #expect(UInt32(NodeKind.scalar.rawValue) == BRIDGE_KIND_SCALAR.rawValue)
        #expect(UInt32(NodeKind.cells.rawValue) == BRIDGE_KIND_CELLS.rawValue)
        #expect(UInt32(NodeKind.many.rawValue) == BRIDGE_KIND_MANY.rawValue)
        #expect(HostOperation.user == BRIDGE_OP_USER.rawValue)
    }

    @Test func `everything is documented in one line`() {
        for function in HostSurface.functions {
            #expect(function.summary.hasSuffix(".") && !function.summary.contains("\n"), "\(function.name)")
        }
    }
}

extension HostFunction.Receiver {
    /// The bits of `bridge_kind`.
    fileprivate var kinds: UInt32 {
        switch self {
        case .value: 1 << 1 | 1 << 2 | 1 << 3
        case .list: 1 << 2
        case .scalar: 1 << 3
        case .many: 1 << 5
        case .context: 1 << 6
        }
    }
}
