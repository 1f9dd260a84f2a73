import Synchronization

/// What the server counts for `/metrics`. Safe from every thread.
final class ServerCounters: Sendable {
    let socketsOpen = Atomic<Int>(0)
    let socketsOpened = Atomic<Int>(0)
    let socketsRefused = Atomic<Int>(0)
    let messagesReceived = Atomic<Int>(0)
    let messagesBad = Atomic<Int>(0)
    let commitsSent = Atomic<Int>(0)
    let framesDelivered = Atomic<Int>(0)
    let readersBehind = Atomic<Int>(0)
    let roomsLoaded = Atomic<Int>(0)
    let roomLoadsFailed = Atomic<Int>(0)
}

extension Atomic where Value == Int {
    borrowing func add(_ amount: Int = 1) { wrappingAdd(amount, ordering: .relaxed) }
    var now: Int { load(ordering: .relaxed) }
}
