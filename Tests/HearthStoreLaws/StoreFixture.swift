package import HearthStore

/// A store under test, and what can be done to it from outside.
package protocol StoreFixture: AnyObject {
    var store: any RoomStore { get }
    /// Given to the store: lets one of its steps fail.
    var faults: FaultPlan { get }
    /// Replaces `store` by one that finds what a process that was killed just now would have left behind.
    /// - Returns: false for a store that leaves nothing behind.
    func reopenAfterCrash() throws -> Bool
    /// Changes the content of a fact behind the store's back.
    func damageContent(room: String, seq: UInt64) throws
    /// Removes a fact behind the store's back.
    func removeFact(room: String, seq: UInt64) throws
    /// Changes the head in the room's record behind the store's back.
    func damageHead(room: String) throws
}

/// One thing that must hold for every store.
package struct StoreLaw: Sendable, CustomStringConvertible {
    package let description: String
    package let check: @Sendable (any StoreFixture) throws -> Void

    init(_ description: String, _ check: @escaping @Sendable (any StoreFixture) throws -> Void) {
        self.description = description
        self.check = check
    }

    package static let all: [StoreLaw] = basics + chains + records + snapshots + atomicity + models + lists + exports
}

/// Numbers from a seed (splitmix64): the same for the same seed.
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}

func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

extension RoomWrite {
    /// Creates a room with nothing in it.
    package static func creating(_ room: String, recipe: String = "chat", at time: Int64 = 1_000) -> RoomWrite {
        var write = RoomWrite(room: room)
        write.create = RoomRecord(
            id: room, recipe: recipe, recipeVersion: 1, epoch: "epoch-\(room)", createdAt: time, updatedAt: time)
        return write
    }

    /// Adds facts with these contents behind `parent`.
    package static func appending(_ contents: [String], to room: String, after parent: RoomPosition) -> RoomWrite {
        var write = RoomWrite(room: room)
        var last = parent
        for content in contents {
            let fact = Fact(seq: last.seq + 1, parent: last.head, content: Array(content.utf8))
            write.facts.append(fact)
            last = RoomPosition(seq: fact.seq, head: fact.id)
        }
        return write
    }
}

extension RoomPosition {
    package static let start = RoomPosition(seq: 0, head: .zero)
}

extension RoomStore {
    /// Commits a write, and keeps a snapshot of its first fact.
    package func put(_ write: RoomWrite) throws(StoreError) {
        try commit([write])
        let first = write.facts[0]
        try keep(StoredSnapshot(seq: first.seq, state: bytes("{\"a\":1}"), head: first.id), of: write.room)
    }

    /// Creates a room and gives it `count` facts, in commits of at most 1,000.
    @discardableResult
    package func grow(_ room: String, facts count: Int, create: Bool = true) throws(StoreError) -> RoomPosition {
        if create { try commit([.creating(room)]) }
        var position = try record(room: room)?.position ?? .start
        var rest = count
        while rest > 0 {
            let first = position.seq
            let step = min(rest, 1_000)
            let contents = (0..<step).map { "{\"n\":\(first + UInt64($0))}" }
            let write = RoomWrite.appending(contents, to: room, after: position)
            try commit([write])
            position = write.facts.last.map { RoomPosition(seq: $0.seq, head: $0.id) } ?? position
            rest -= step
        }
        return position
    }
}
