import HearthStore
import HearthStoreLaws
import Testing

@Suite("The in-memory store")
struct MemoryStoreTests {
    @Test(arguments: StoreLaw.all)
    func keeps(_ law: StoreLaw) throws {
        try law.check(MemoryFixture())
    }
}

private final class MemoryFixture: StoreFixture {
    let faults: FaultPlan
    private let memory: MemoryStore
    var store: any RoomStore { memory }

    init() {
        faults = FaultPlan()
        memory = MemoryStore(faults: faults)
    }

    func reopenAfterCrash() -> Bool { false }

    func damageContent(room: String, seq: UInt64) {
        memory.damage(room: room) { facts, _ in
            let fact = facts[Int(seq) - 1]
            facts[Int(seq) - 1] = Fact(seq: seq, parent: fact.parent, id: fact.id, content: [1])
        }
    }

    func removeFact(room: String, seq: UInt64) {
        memory.damage(room: room) { facts, _ in facts.removeAll { $0.seq == seq } }
    }

    func damageHead(room: String) {
        memory.damage(room: room) { _, record in record.head = SHA256.hash([7]) }
    }
}
