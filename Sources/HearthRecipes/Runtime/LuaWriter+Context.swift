import HearthCells
import HearthLua
import HearthTransactions
import HearthValues

extension LuaWriter {
    /// The fields of `ctx`; its functions and `now` are the VM's.
    mutating func write(contextOf invocation: Invocation) {
        var count = 2
        if invocation.who != nil { count += 1 }
        if !invocation.met.isEmpty { count += 1 }
        beginObject(count: count)
        if let who = invocation.who {
            writeKey("who")
            write(who)
        }
        writeKey("runs")
        write(Int64(invocation.run))
        if let conflict = invocation.conflict {
            writeKey("conflict")
            write(conflict)
        }
        writeKey("room")
        beginObject(count: 1)
        writeKey("id")
        write(invocation.room)
    }

    /// `{cell, path, expected, actual, by = {event, handler, participant}, seq}`.
    private mutating func write(_ conflict: Conflict) {
        beginObject(count: 6)
        writeKey("cell")
        write(conflict.cell)
        writeKey("path")
        write(conflict.pointer.description)
        writeKey("expected")
        writeData(conflict.expected)
        writeKey("actual")
        writeData(conflict.actual)
        writeKey("by")
        beginObject(count: 3)
        writeKey("event")
        writeData(conflict.winner.event.map { .string($0) })
        writeKey("handler")
        writeData(conflict.winner.handler.map { .string($0) })
        writeKey("participant")
        writeData(conflict.winner.participant.map { .string($0) })
        writeKey("seq")
        write(Int64(clamping: conflict.winnerSeq))
    }

    /// Plain data, links by their text.
    mutating func writeData(_ value: Value?) {
        switch value {
        case .none: writeAbsent()
        case .list(let list):
            beginList(count: list.count)
            for item in list { writeData(item) }
        case .object(let object):
            beginObject(count: object.count)
            for (key, item) in object {
                writeKey(key)
                writeData(item)
            }
        case .link(let link): writeLink(link.text)
        case .some(let scalar): write(scalar: scalar)
        }
    }
}

extension RunState {
    /// The fields of `ctx`.
    func write(contextOf invocation: Invocation, into writer: inout LuaWriter) {
        guard invocation.run == 1, invocation.met.isEmpty else { return writer.write(contextOf: invocation) }
        if !context.isEmpty { return writer.write(encoded: context) }
        let start = writer.count
        writer.write(contextOf: invocation)
        context = Array(writer.bytes[start...])
    }

    /// What a watch is told: `{cell, name, before, value}`; `before` only of scalars.
    func writeChange(of cell: String, before: Value, into writer: inout LuaWriter) {
        let node = node(at: Path(cell: cell))
        let isScalar = !before.isContainer
        writer.beginObject(count: isScalar ? 4 : 3)
        writer.writeKey("cell")
        writer.write(cell)
        writer.writeKey("name")
        writer.write(String(CellID.name(of: cell)))
        if isScalar {
            writer.writeKey("before")
            if before.isNull { writer.writeAbsent() } else { writer.writeData(before) }
        }
        writer.writeKey("value")
        do {
            try answer(with: node, into: &writer)
        } catch {
            writer.writeAbsent()
        }
    }
}

extension Value {
    fileprivate var isContainer: Bool {
        switch self {
        case .list, .object: true
        default: false
        }
    }
}
