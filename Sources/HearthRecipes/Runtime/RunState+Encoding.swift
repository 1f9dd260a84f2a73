import HearthCells
import HearthLua
import HearthValues

/// From values to Lua's flat items.
extension RunState {
    /// Writes plain data. A link in it becomes a proxy of what it names, so that reading goes on through it and storing it
    /// stores the link again; a link that leads nowhere stays a link.
    func write(_ value: Value, into reply: inout LuaWriter) {
        switch value {
        case .list(let list):
            reply.beginList(count: list.count)
            list.forEachLent { write($0, into: &reply) }
        case .object(let object):
            reply.beginObject(count: object.count)
            object.forEachLent { write($0, into: &reply) }
        case .link(let link):
            guard mode != .pure, let (node, found) = try? follow(link) else { return reply.writeLink(link.text) }
            switch found {
            case .list: reply.write(LuaNode(nodes.add(node), .list))
            case .object: reply.write(LuaNode(nodes.add(node), .object))
            default: reply.writeLink(link.text)
            }
        default: reply.write(scalar: value)
        }
    }
}

extension RunState {
    private func write(_ item: borrowing Lent<Value>, into reply: inout LuaWriter) {
        write(item.element, into: &reply)
    }

    private func write(_ entry: borrowing Lent<ObjectEntry>, into reply: inout LuaWriter) {
        reply.writeKey(entry.element.key)
        write(entry.element.value, into: &reply)
    }

    private func follow(_ link: Link) throws(RunError) -> (node: Node, value: Value?) {
        try look(try target(of: link), .existence)
    }
}

extension LuaWriter {
    /// Writes what is neither list, object nor link.
    mutating func write(scalar value: Value) {
        switch value {
        case .bool(let truth): write(truth)
        case .int(let number): write(number)
        case .double(let number): write(number)
        case .string(let text): write(text)
        case .null, .list, .object, .link: writeNull()
        }
    }

    mutating func write(_ participant: Participant) {
        beginObject(count: participant.name == nil ? 3 : 4)
        writeKey("id")
        write(participant.id)
        if let name = participant.name {
            writeKey("name")
            write(name)
        }
        writeKey("session")
        write(participant.session)
        writeKey("roles")
        beginList(count: participant.roles.count)
        for role in participant.roles { write(role) }
    }
}
