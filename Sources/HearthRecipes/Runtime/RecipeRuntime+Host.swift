package import HearthLua
import HearthValues

/// The runtime as the VM's host: operations by number, each answered from the run's state.
extension RecipeRuntime: LuaHost {
    package func call(
        _ operation: UInt32, _ node: UInt32, _ arguments: inout LuaReader, _ reply: inout LuaWriter
    ) -> LuaStatus {
        state.operations &+= 1
        do throws(RunError) {
            guard let known = HostOperation(rawValue: operation) else {
                throw RunError("there is no operation \(operation)")
            }
            try perform(known, node, &arguments, &reply)
            if limits.proxiesMax != 0, state.nodes.count > limits.proxiesMax {
                throw state.cross("proxies", limits.proxiesMax, "cells and parts of cells")
            }
            return .ok
        } catch {
            reply.clear()
            if let code = error.code { reply.write(code) }
            // It may name what the recipe gave: a key of a megabyte, for one.
            reply.write(error.message.utf8.count > 1_000 ? error.message.prefix(900) + "…" : error.message)
            return error.code == nil ? .error : error.isFinal ? .abort : .failure
        }
    }

    private func perform(
        _ operation: HostOperation, _ node: UInt32, _ arguments: inout LuaReader, _ reply: inout LuaWriter
    ) throws(RunError) {
        switch operation {
        case .child:
            if try state.rootChild(of: node, arguments.textBytes, into: &reply) { return }
            try state.child(of: node, try key(&arguments), into: &reply)
        case .key: try state.place(under: try key(&arguments), of: node, into: &reply)
        case .assign: try state.assign(node, try key(&arguments), from: &arguments)
        case .length: try state.length(of: node, into: &reply)
        case .keys: try state.keys(of: node, into: &reply)
        case .same:
            guard let other = arguments.takeNode() else { return reply.write(false) }
            reply.write(try state.isSame(node, as: other))
        case .describe: reply.write(try state.describe(node))
        case .get: try state.get(node, into: &reply)
        case .snapshot: try state.snapshot(node, into: &reply)
        case .exists: try state.exists(node, into: &reply)
        case .last: try state.last(node, from: &arguments, into: &reply)
        case .linkOf: try state.linkOf(node, into: &reply)
        case .find, .removeWhere, .random, .fail: throw RunError("\(operation) is done by the VM")
        case .id, .participants, .log, .signal, .reply, .broadcast, .after, .cancel, .send, .sleep, .ask:
            try performEffect(operation, &arguments, &reply)
        case .set, .update, .delete, .push, .insert, .remove, .increment, .new:
            try performWrite(operation, node, &arguments, &reply)
        }
    }

    private func performWrite(
        _ operation: HostOperation, _ node: UInt32, _ arguments: inout LuaReader, _ reply: inout LuaWriter
    ) throws(RunError) {
        switch operation {
        case .push: try state.push(try state.writable(node), from: &arguments)
        case .set: try state.set(try state.blindTarget(node, "set"), from: &arguments)
        case .update: try state.update(node, from: &arguments)
        case .delete: try state.delete(node)
        case .insert: try state.insert(node, from: &arguments)
        case .remove: try state.remove(node, from: &arguments, into: &reply)
        case .increment: try state.increment(try state.blindTarget(node, "increment"), from: &arguments)
        default: try state.new(node, from: &arguments, into: &reply)
        }
    }

    private func performEffect(
        _ operation: HostOperation, _ arguments: inout LuaReader, _ reply: inout LuaWriter
    ) throws(RunError) {
        switch operation {
        case .id: try state.makeID(into: &reply)
        case .participants: state.listParticipants(into: &reply)
        case .log: try state.log(&arguments)
        case .signal: try state.signal(&arguments)
        case .reply: try state.reply(&arguments)
        case .broadcast: try state.broadcast(&arguments)
        case .after: try state.after(&arguments, into: &reply)
        case .cancel: try state.cancel(&arguments)
        case .sleep: try state.sleep(&arguments)
        case .ask: try state.ask(&arguments, into: &reply)
        default: try state.send(&arguments)
        }
    }

    private func key(_ arguments: inout LuaReader) throws(RunError) -> Key {
        guard let key = arguments.takeKey() else { throw RunError("cells are indexed by names and whole numbers") }
        return key
    }
}
