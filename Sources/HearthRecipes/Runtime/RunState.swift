import HearthCells
import HearthLua
import HearthTransactions
import HearthValues

/// Everything that one run of a handler touches, and nothing that outlives it: the transaction, the proxies given to Lua,
/// the effects. One object per runtime, emptied between runs so that its buffers are used again.
///
/// Mutable state: `transaction` and `derived` belong to the room and are only lent for a run; all else is this run's own.
final class RunState {
    /// What the running Lua code may do.
    enum Mode {
        /// A handler, a watch or a lifecycle function: everything.
        case handler
        /// `allow`: reads cells, changes nothing.
        case checking
        /// A line that a person typed to look around.
        case looking
        /// A derived cell: reads are handed to the graph, nothing is changed.
        case deriving
        /// A predicate, a key or a merge: sees only its arguments.
        case pure

        var refusal: String {
            switch self {
            case .handler: ""
            case .checking: "an allow function may read cells and change nothing"
            case .looking: "this changes nothing in the room: it was asked to look only (--write lets it change things)"
            case .deriving: "a derived function is pure: it may read cells and change nothing"
            case .pure: "this function is pure: it sees its arguments and nothing else"
            }
        }
    }

    let catalog: CellCatalog
    var mode = Mode.handler
    /// Whether an event runs; derived cells are also brought up to date between events.
    private(set) var isRunning = false
    /// Whether `on.migrate` runs: it reaches all cells, also those of earlier versions.
    private(set) var isMigrating = false
    /// Whether all cells of a name are in reach, whosoever they are.
    var reachesAll: Bool { isMigrating || console != .none }
    /// Whether lines that a person types run here.
    var console = Console.none
    /// How many events have run.
    private(set) var events = 0
    var transaction = Transaction(basis: 0, state: CellState())
    let nodes = NodeTable()
    private let allCells = Node(kind: .cells, path: Path(cell: "cells"), type: .any)
    /// The place of `cells` itself in the function that runs.
    private(set) var cellsNode: UInt32 = 0
    var effects: [Effect] = []
    var ids = SeededRandom(seed: 0)
    var participant: Participant?
    var participants: [Participant] = []
    private var room = ""
    /// The participant's own cells by the catalog's places; kept while the same participant runs.
    var ownCells: [String] = []
    /// Whether the run reaches every root cell: where some are somebody's, it has a participant.
    private var hasAllRoots = false
    /// The fields of `ctx` in an event's first run, as Lua is handed them; kept while the same participant runs in the same
    /// room. Empty when they have not been written.
    var context: [UInt8] = []

    /// The ephemeral cells of the room; becomes a state of its own when they are first used.
    var ephemeralCells = Object()
    var ephemeralState: CellState?
    var ephemeralChanged: [String] = []

    /// Cells whose watches have yet to see a change, in the order of the changes.
    var unseen: [String] = []
    /// What watched cells held before their first unseen change.
    var before: [String: Value] = [:]

    var counts = Counts()
    let limits: RecipeLimits
    /// Whether Lua code of this event ran before: what runs next has the rest of its budget.
    var hasCalled = false
    /// The limit that the host itself found crossed, and its name in errors.
    var crossed: (kind: String, value: Int64) = ("", 0)
    var waits = Waits()
    /// Rises with every write to a stored cell.
    var writeStamp = 0

    /// The derived cells at the transaction's basis; the room's own, lent for a run as the transaction is.
    var derived = DerivedGraph()
    /// Derived cells as this transaction would leave them; nil until a handler reads one.
    var derivedView: DerivedView?
    /// Takes the reads of a derived function while it runs.
    var reader: DerivedReader?

    /// Names of handlers, for `ctx.after`.
    let handlerNames: Set<String>
    /// Rises with every host call of the VM.
    var operations = 0
    /// The scalar that was answered last, and the host call that it answered.
    var lastScalar: (path: Path, operation: Int)?
    /// The text of the line that made the host call under way.
    var callerText: () -> String? = { nil }
    /// The number of the place in the recipe that made the host call under way; 0 when unknown.
    var callerPlace: () -> Int32 = { 0 }

    init(_ recipe: Recipe, _ limits: RecipeLimits) {
        catalog = CellCatalog(recipe)
        handlerNames = Set(recipe.handlers.keys)
        self.limits = limits
        nameOwnCells()
    }

    func begin(_ invocation: Invocation, ephemeral: Object) {
        mode = console == .looking ? .looking : .handler
        isRunning = true
        if case .migrate = invocation.entry { isMigrating = true } else { isMigrating = false }
        events &+= 1
        nodes.reset()
        cellsNode = addCellsNode()
        if !effects.isEmpty { effects = [] }
        counts = Counts()
        hasCalled = false
        waits.begin(invocation)
        lastScalar = nil
        ids = SeededRandom(seed: invocation.seed ^ 0x6964_7320_6f66_2061)
        participants = invocation.participants
        if room != invocation.room || participant != invocation.who {
            room = invocation.room
            participant = invocation.who
            nameOwnCells()
            context = []
        }
        ephemeralCells = ephemeral
        ephemeralState = nil
        derivedView = nil
        if !ephemeralChanged.isEmpty { ephemeralChanged.removeAll(keepingCapacity: true) }
        forgetUnseen()
    }

    private func forgetUnseen() {
        if !unseen.isEmpty { unseen.removeAll(keepingCapacity: true) }
        if !before.isEmpty { before.removeAll(keepingCapacity: true) }
    }

    /// Forgets what the run held of the room, so that nothing is kept alive or shared by accident.
    func end() {
        isRunning = false
        nodes.reset()
        if !effects.isEmpty { effects = [] }
        ephemeralCells = Object()
        ephemeralState = nil
        derivedView = nil
        forgetUnseen()
    }

    /// A new node of `cells`: what is reached from it is remembered by Lua apart from what other functions reached.
    func addCellsNode() -> UInt32 {
        nodes.add(allCells)
    }

    /// Hands `cells` to a function of an event.
    func writeCells(into writer: inout LuaWriter) {
        if hasAllRoots, !reachesAll { writer.writeCells(cellsNode) } else { writer.write(LuaNode(cellsNode, .cells)) }
    }

    private func nameOwnCells() {
        ownCells = catalog.entries.map { entry in
            switch entry.scope {
            case .room: entry.name
            case .session: participant.map { CellID.session(entry.name, $0.session) } ?? ""
            case .user: participant.map { CellID.user(entry.name, $0.id) } ?? ""
            case .many: ""
            }
        }
        nodes.roots = zip(catalog.entries, ownCells).map { entry, cell in
            if entry.scope == .many { return Node(kind: .many, path: Path(cell: entry.name), type: entry.type) }
            return cell.isEmpty ? nil : Node(kind: entry.source.kind, path: Path(cell: cell), type: entry.type)
        }
        hasAllRoots = nodes.roots.allSatisfy { $0 != nil }
    }

    func refuseUnless(writing: Bool) throws(RunError) {
        switch mode {
        case .handler: return
        case .checking, .looking, .deriving:
            if writing { throw RunError(mode.refusal) }
        case .pure: throw RunError(mode.refusal)
        }
    }
}
