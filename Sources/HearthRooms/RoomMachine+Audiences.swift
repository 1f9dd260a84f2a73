import HearthCells
import HearthRecipes
import HearthValues

/// Who is sent what: commits cut to what an audience may see, snapshots, signals.
extension RoomMachine {
    func enter(_ session: Session, _ key: AudienceKey) -> Audience {
        if let audience = session.audience, audience.key == key { return audience }
        leaveAudience(session)
        let audience = audiences.first { $0.key == key } ?? Audience(key: key)
        if audience.sessions == 0 { audiences.append(audience) }
        audience.sessions += 1
        session.audience = audience
        return audience
    }

    func leaveAudience(_ session: Session) {
        guard let audience = session.audience else { return }
        session.audience = nil
        audience.sessions -= 1
        guard audience.sessions == 0 else { return }
        noticeBytes -= audience.forget(through: .max)
        audiences.removeAll { $0 === audience }
    }

    /// What a participant is shown on arrival.
    /// - Complexity: O(what is shown).
    func cells(of view: CellsView, for audience: Audience) -> Object {
        switch audience.key.state {
        case .full: return view.all(for: audience.key.viewer, under: visibility)
        case .none, .messages: return Object()
        case .cells(let names):
            let asked = view.ids(named: names, scopesOfMany: namesOfMany)
            let shown = view.closure(of: asked.union(audience.told), for: audience.key.viewer, under: visibility)
            for (cell, _) in shown where !audience.key.state.names(cell) { audience.told.insert(cell) }
            return shown
        }
    }

    func isVisible(_ cell: String, to audience: Audience) -> Bool {
        audience.follows(cell)
            && (shown.visibility.isOpen || shown.visibility.allows(cell, to: audience.key.viewer))
    }

    private func isVisible(targetOf link: Link, to audience: Audience) -> Bool {
        audience.followsTarget(of: link)
            && (shown.visibility.isOpen || shown.visibility.allows(link.cell, to: audience.key.viewer))
    }

    /// The part of a commit that an audience sees.
    func patch(of commit: CommittedCells, for audience: Audience) -> Patch {
        switch audience.key.state {
        case .full: return patch(of: commit.told, forFull: audience.key)
        case .none, .messages: return Patch(operations: [])
        case .cells: return patchAlongLinks(of: commit, for: audience)
        }
    }

    func patch(of commit: ToldCommit, forFull key: AudienceKey) -> Patch {
        if case .none = key.state { return Patch(operations: []) }
        let showsAll = visibility.isOpen
        return commit.patch { cell, _ in showsAll || visibility.allows(cell, to: key.viewer) }
    }

    /// For those who asked for some cells: their changes, and the cells that these begin to link to.
    private func patchAlongLinks(of commit: CommittedCells, for audience: Audience) -> Patch {
        var patch = commit.told.patch { cell, isRemoval in
            guard isVisible(cell, to: audience) else { return false }
            if isRemoval { audience.told.remove(cell) }
            return true
        }
        var linked: Set<String> = []
        patch.operations.forEachLent { operation in
            operation.element.forEachLink { link in
                if !isVisible(targetOf: link, to: audience) { linked.insert(link.cell) }
            }
        }
        guard !linked.isEmpty else { return patch }
        let fresh = commit.view.closure(of: linked, for: audience.key.viewer, under: visibility)
        for (cell, value) in fresh where !isVisible(cell, to: audience) {
            patch.operations.append(.add(Pointer(tokens: [cell]), value))
            audience.told.insert(cell)
        }
        return patch
    }

    /// Those of the cells that go which the audience has been shown.
    func hiding(_ cells: [PatchOperation], from audience: Audience, _ old: Visibility) -> [PatchOperation] {
        if case .none = audience.key.state { return [] }
        return cells.filter { operation in
            let wasTold = audience.told.remove(operation.cell) != nil
            return (wasTold || audience.key.state.names(operation.cell))
                && old.allows(operation.cell, to: audience.key.viewer)
        }
    }

    // MARK: - To some connections

    func sendSync(to connection: ConnectionID) {
        // What this state holds already must not follow it as a change.
        flushEphemeral()
        let view = CellsView(stored: durable.cells.cells, derived: durable.derived.values, ephemeral: ephemeral)
        sendState(of: view, seq: durable.seq, to: connection)
    }

    /// - Parameter view: the cells after commit `seq`; ephemeral ones are sent as they are now.
    func sendState(of view: CellsView, seq: UInt64, to connection: ConnectionID) {
        guard let audience = byConnection[connection]?.audience, audience.hearsCommits else { return }
        var view = view
        view.ephemeral = ephemeral
        outputs.append(
            .syncResponse(
                connection,
                Sync(epoch: epoch, seq: seq, cells: cells(of: view, for: audience), participants: participants)))
    }

    func send(_ notice: SignalNotice, to target: SignalTarget, sender: String?) {
        let connections: [ConnectionID]
        switch target {
        case .all: connections = byConnection.keys.sorted()
        case .others:
            let own = sender.flatMap { sessions[$0]?.connection }
            connections = byConnection.keys.filter { $0 != own }.sorted()
        case .sender: connections = [sender.flatMap { sessions[$0]?.connection }].compactMap { $0 }
        case .sessions(let ids): connections = ids.compactMap { sessions[$0]?.connection }
        case .users(let users):
            let wanted = Set(users)
            connections = byConnection.filter { wanted.contains($0.value.participant.id) }.keys.sorted()
        }
        if !connections.isEmpty { outputs.append(.signal(notice, to: connections)) }
    }
}

extension PatchOperation {
    /// The cell that the operation changes: the first token of its path.
    var cell: String { pointer.tokens.first ?? "" }

    var pointer: Pointer {
        switch self {
        case .add(let pointer, _), .remove(let pointer), .replace(let pointer, _), .test(let pointer, _): pointer
        }
    }

    var removesCell: Bool {
        if case .remove(let pointer) = self { return pointer.tokens.count == 1 }
        return false
    }
}
