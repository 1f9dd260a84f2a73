import HearthCells
import HearthLua
import HearthValues

/// What a proxy in a spec names: all cells of a room, or one place in them. Looked up anew whenever it is read.
struct CellNode {
    var room: UInt32
    /// Nil for all cells.
    var path: Path?
}

/// `room.cells`: read as in a recipe, and read only.
extension SpecHost {
    func root(of room: UInt32) -> LuaNode { add(CellNode(room: room, path: nil), .cells) }

    private func add(_ node: CellNode, _ kind: NodeKind) -> LuaNode {
        nodes.append(node)
        return LuaNode(UInt32(nodes.count), kind)
    }

    func read(
        _ operation: UInt32, _ id: UInt32, _ arguments: inout LuaReader, _ reply: inout LuaWriter
    ) throws {
        guard id > 0, nodes.indices.contains(Int(id) - 1) else { throw SpecError("there is no such cell") }
        let node = nodes[Int(id) - 1]
        let cells = try room(node.room).cells
        switch HostOperation(rawValue: operation) {
        case .child:
            let child = try child(of: node, arguments.readValue() ?? .null, cells)
            write(child, cells, &reply)
            // Nothing here stays what it is from one event to the next: Lua must ask again.
            reply.write(true)
        case .key:
            let child = try child(of: node, arguments.readValue() ?? .null, cells)
            reply.write(add(child, kind(of: value(child, cells)) ?? .scalar))
        case .get: write(node, cells, &reply)
        case .length: reply.write(Int64(try list(node, cells).count))
        case .keys: reply.write(keys(of: node, cells))
        case .last:
            let all = try list(node, cells)
            let count = max(0, min(Int(try arguments.readValue()?.int ?? 0), all.count))
            reply.beginList(count: count)
            for index in (all.count - count)..<all.count {
                write(try child(of: node, .int(Int64(index + 1)), cells), cells, &reply)
            }
        case .exists: reply.write(value(node, cells) != nil)
        case .snapshot: reply.write(value(node, cells).map { plain($0, cells, []) } ?? .null)
        case .describe: reply.write(node.path?.description ?? "cells")
        case .linkOf: if let path = place(node, cells) { reply.writeLink(path.link.text) }
        case .same:
            guard case .node(let other) = try arguments.next(), nodes.indices.contains(Int(other.id) - 1) else {
                return reply.write(false)
            }
            let second = nodes[Int(other.id) - 1]
            reply.write(second.room == node.room && place(second, cells) == place(node, cells))
        default:
            throw SpecError("room.cells is read-only in a spec: send an event, or use room:call")
        }
    }

    // MARK: - Looking

    private func place(_ node: CellNode, _ cells: Object) -> Path? {
        node.path.map { $0.resolved { cells[$0] }.path }
    }

    private func value(_ node: CellNode, _ cells: Object) -> Value? {
        guard let path = node.path else { return .object(cells) }
        return path.resolved { cells[$0] }.value
    }

    private func list(_ node: CellNode, _ cells: Object) throws -> List {
        guard let list = value(node, cells)?.list else {
            throw SpecError("\(node.path?.description ?? "cells") is not a list")
        }
        return list
    }

    private func child(of node: CellNode, _ key: Value, _ cells: Object) throws -> CellNode {
        guard let path = place(node, cells) else {
            guard let name = key.string else { throw SpecError("cells is indexed by the names of cells") }
            return CellNode(room: node.room, path: Path(cell: name))
        }
        switch key {
        case .int(let number): return CellNode(room: node.room, path: path.appending(Int(number) - 1))
        default: return CellNode(room: node.room, path: path.appending(key.string ?? ""))
        }
    }

    private func kind(of value: Value?) -> NodeKind? {
        switch value {
        case .list?: .list
        case .object?: .object
        default: nil
        }
    }

    private func write(_ node: CellNode, _ cells: Object, _ reply: inout LuaWriter) {
        guard let value = value(node, cells) else { return reply.writeAbsent() }
        if let kind = kind(of: value) { return reply.write(add(node, kind)) }
        reply.write(value)
    }

    private func keys(of node: CellNode, _ cells: Object) -> Value {
        switch value(node, cells) {
        case .object(let object)?: .list(List(object.map { .string($0.key) }))
        case .list(let list)?: .list(List((0..<list.count).map { .int(Int64($0 + 1)) }))
        default: .list(List())
        }
    }

    /// With links resolved, but for those that lead back to what they stand in.
    private func plain(_ value: Value, _ cells: Object, _ open: Set<String>) -> Value {
        switch value {
        case .list(let list): return .list(List(list.map { plain($0, cells, open) }))
        case .object(let object):
            return .object(Object(object.map { (key: $0.key, value: plain($0.value, cells, open)) }))
        case .link(let link):
            let resolution = Path(to: link, in: { cells[$0] }).resolved { cells[$0] }
            let target = resolution.path.description
            guard let found = resolution.value else { return .null }
            return open.contains(target) ? value : plain(found, cells, open.union([target]))
        default: return value
        }
    }
}
