import DequeModule
import HearthValues

/// Connections that are sent the same bytes: they asked for the same cells and may see the same cells.
///
/// Confined to the room's executor. The driver may hang what it gathers for the audience on `scratch`.
package final class Audience: @unchecked Sendable {
    // @unchecked because it is only touched on the room's executor, on which outputs are carried out.
    package let key: AudienceKey
    package private(set) var connections: [ConnectionID] = []
    /// A place for the driver's gathered frames; the machine never looks at it.
    package var scratch: AnyObject?
    /// Members as the machine counts them: those that the driver is about to attach are among them already.
    var attached = 0
    /// Sessions that count on it, attached or waiting for their return; at none the room forgets it.
    var sessions = 0
    /// The cells beyond those asked for that members have been told of, because something visible links to them.
    var told: Set<String> = [] { didSet { known.removeAll(keepingCapacity: true) } }
    /// What its members were sent of the commits in the room's backlog, or of the last of them, oldest first; kept only
    /// where it cannot be computed again.
    var recent = Deque<SentNotice>()

    /// The names that its members asked for; nil when they asked for everything.
    private let names: [String]?

    /// Cells that were asked about lately, and the answers: most commits change the same few.
    private var known: [(name: String, isFollowed: Bool)] = []
    private static let knownMax = 8

    init(key: AudienceKey) {
        self.key = key
        names =
            switch key.state {
            case .full: nil
            case .cells(let names): names
            case .none, .messages: []
            }
    }

    /// False for raw JSON sockets.
    var hearsCommits: Bool { key.state != .messages }

    /// Whether a cell is one of those that members asked for, or have been told of.
    func follows(_ cell: String) -> Bool { follows(cell, named: cell) }

    /// The same of the cell that is linked to.
    func followsTarget(of link: Link) -> Bool { follows(link.cell, named: link.text) }

    /// - Parameter name: what it is remembered by: the id, or a link to it, which ids are not spelled like.
    private func follows(_ cell: @autoclosure () -> String, named name: String) -> Bool {
        guard let names else { return true }
        for index in known.indices where known[index].name.isSameString(as: name) { return known[index].isFollowed }
        let cell = cell()
        let isFollowed = CellID.isAskedFor(cell, by: names) || told.contains(cell)
        if known.count == Self.knownMax { known.removeAll(keepingCapacity: true) }
        known.append((name, isFollowed))
        return isFollowed
    }

    /// Forgets what was sent of the commits up to `seq`.
    ///
    /// - Returns: how many bytes of memory that kept, about.
    /// - Complexity: O(what is forgotten).
    func forget(through seq: UInt64) -> Int {
        var bytes = 0
        while let first = recent.first?.notice.seq, first <= seq { bytes += recent.removeFirst().weight }
        if recent.isEmpty { recent = Deque() }
        return bytes
    }

    /// - Complexity: O(1).
    package func attach(_ connection: ConnectionID) { connections.append(connection) }

    /// - Complexity: O(members).
    package func detach(_ connection: ConnectionID) {
        guard let index = connections.firstIndex(of: connection) else { return }
        connections.swapAt(index, connections.count - 1)
        connections.removeLast()
    }
}

package struct AudienceKey: Hashable, Sendable {
    package var state: StateRequest
    package var batch: Bool
    package var viewer: Viewer
}

/// Whose eyes: only as much of a participant as decides what it may see, so that as many as possible share bytes.
package struct Viewer: Hashable, Sendable {
    /// The session and user when the recipe has private cells, else nil.
    package var session: String?
    package var user: String?
    /// Those of the participant's roles that some cell of the recipe asks for, sorted.
    package var roles: [String]

    /// Someone outside: sees what everyone sees.
    package static let stranger = Viewer(session: nil, user: nil, roles: [])
}
