import HearthValues

/// All cells of a room at one moment, as participants know them: stored, derived and ephemeral. A copy is O(1).
struct CellsView {
    var stored: Object
    var derived: Object
    var ephemeral: Object

    subscript(_ cell: String) -> Value? { stored[cell] ?? derived[cell] ?? ephemeral[cell] }

    func forEach(_ body: (String, Value) -> Void) {
        for (id, value) in stored { body(id, value) }
        for (id, value) in derived { body(id, value) }
        for (id, value) in ephemeral { body(id, value) }
    }

    /// What a viewer sees who asked for everything.
    /// - Complexity: O(cells).
    func all(for viewer: Viewer, under visibility: Visibility) -> Object {
        var result = stored
        if !visibility.isOpen {
            result = Object()
            for (id, value) in stored where visibility.allows(id, to: viewer) { result[id] = value }
        }
        for (id, value) in derived { result[id] = value }
        for (id, value) in ephemeral where visibility.allows(id, to: viewer) { result[id] = value }
        return result
    }

    /// `start` and everything that it links to, directly or not, as far as `viewer` may see it.
    /// - Complexity: O(size of the result).
    func closure(of start: Set<String>, for viewer: Viewer, under visibility: Visibility) -> Object {
        var result = Object()
        var waiting = start.sorted()
        var met = start
        while let id = waiting.popLast() {
            guard visibility.allows(id, to: viewer), let value = self[id] else { continue }
            result[id] = value
            value.forEachLinkTarget { target in
                if met.insert(target).inserted { waiting.append(target) }
            }
        }
        return result
    }

    /// The ids of the cells that a request names.
    /// - Complexity: O(names · log cells) for names of the room's own cells, O(cells) when one is a name of many.
    func ids(named names: [String], scopesOfMany: Set<String>) -> Set<String> {
        var result: Set<String> = []
        var many: Set<String> = []
        for name in names {
            if self[name] != nil { result.insert(name) } else if scopesOfMany.contains(name) { many.insert(name) }
        }
        if !many.isEmpty {
            forEach { id, _ in
                if many.contains(String(CellID.name(of: id))) { result.insert(id) }
            }
        }
        return result
    }
}
