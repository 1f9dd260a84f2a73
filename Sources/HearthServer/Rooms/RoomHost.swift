import HearthRecipes
import HearthRooms
import HearthStore
import HearthValues
import Logging
import NIOCore
import NIOPosix
import Synchronization

/// All rooms of a server: which event loop each lives on, and what they share. Safe from every thread.
final class RoomHost: Sendable {
    let store: any RoomStore
    let writer: GroupWriter
    let snapshots: SnapshotWriter
    let library: RecipeLibrary
    let counters = ServerCounters()
    let creationKeys = CreationKeys()
    let slowLane = SlowLaneSample()
    /// How long a recipe stays in the slow lane after its last slow event.
    let slowStay: TimeAmount
    let closings: ClosingBook
    let limits: RoomLimits
    let traffic: TrafficLimits
    /// How long nobody may use a room before it is put to sleep.
    let idleMs: Int64
    /// Bytes from which on a message is compressed for those who agreed to it; nil for no compression.
    let compressBytesMin: Int?
    let logger: Logger
    /// Blocking reads of the store, and all that a waking room has to read of it, happen here, never on an event loop.
    let readers: NIOThreadPool
    /// Versions of recipes that were run before; nil when none are kept.
    let archive: RecipeArchive?
    /// Whether the server is one for authors: participants are shown tracebacks and errors of what was saved.
    let isForAuthors: Bool
    /// Recipes that were saved with an error, of which participants have been told.
    private let broken = Mutex<Set<String>>([])
    private let leavingFlag = Atomic<Bool>(false)
    private let drainingFlag = Atomic<Bool>(false)
    private let shardsBox = Mutex<[RoomShard]>([])

    /// - Throws: `ServerError` when the process may open no more files.
    init(
        store: any RoomStore, library: RecipeLibrary, loops: [any EventLoop], slowLane: (any EventLoop)?,
        slowStay: TimeAmount = .seconds(60), limits: RoomLimits, idleMs: Int64,
        traffic: TrafficLimits = TrafficLimits(), compressBytesMin: Int? = nil, closingsFolder: String? = nil,
        logger: Logger, archive: RecipeArchive? = nil,
        isForAuthors: Bool = false
    ) throws {
        closings = ClosingBook(folder: closingsFolder)
        self.store = store
        self.library = library
        self.limits = limits
        self.traffic = traffic
        self.idleMs = idleMs
        self.slowStay = slowStay
        self.compressBytesMin = compressBytesMin
        self.logger = logger
        self.archive = archive
        self.isForAuthors = isForAuthors
        let counters = counters
        writer = GroupWriter(store: store) { elapsed in counters.fsyncTime.note(elapsed) }
        snapshots = SnapshotWriter(store: store) { elapsed, failure in
            counters.snapshotTime.note(elapsed)
            if let failure, failure.faultyRoom == nil { counters.snapshotsFailed.add() }
        }
        // 4, as many as read the store at once: two large rooms that wake leave the others their turn.
        readers = NIOThreadPool(numberOfThreads: 4)
        let shards = try loops.map { try RoomShard(host: self, loop: $0, lane: slowLane) }
        shardsBox.withLock { $0 = shards }
    }

    /// Those that names of rooms lead to.
    var shards: [RoomShard] { shardsBox.withLock { $0 } }
    /// Their parts in the slow lane.
    var lanes: [RoomShard] { shards.compactMap(\.lane) }

    var isDraining: Bool { drainingFlag.load(ordering: .relaxed) }

    /// The server is about to stop and still serves: whoever spreads requests over servers is to leave this one out.
    var isLeaving: Bool { leavingFlag.load(ordering: .relaxed) || isDraining }

    func beginLeaving() { leavingFlag.store(true, ordering: .relaxed) }

    func beginDraining() { drainingFlag.store(true, ordering: .relaxed) }

    /// A room's shard follows from its name alone, so nobody has to keep a table.
    func shard(of room: String) -> RoomShard {
        let shards = shards
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in room.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return shards[Int(hash % UInt64(shards.count))]
    }

    // MARK: - Reloads

    /// Tells participants what became of a save, where they are authors.
    func noteReload(_ result: RecipeReloadResult) {
        guard isForAuthors else { return }
        let name = result.name
        let problems = result.problems
        let (was, isBroken) = broken.withLock { broken in
            let was = broken.contains(name)
            if problems.isEmpty { broken.remove(name) } else { broken.insert(name) }
            return (was, !problems.isEmpty)
        }
        guard was || isBroken else { return }
        for shard in shards + lanes {
            shard.run { shard in
                for driver in shard.rooms.values where driver.recipe == name {
                    driver.tellProblems(problems)
                }
            }
        }
    }
}
