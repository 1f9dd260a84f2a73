/// Times at which something may be due, earliest first. Entries are hints: whoever takes one checks whether it still
/// holds, so nothing is ever searched for or removed from the middle.
struct Agenda {
    enum Item: Equatable {
        case timer(String)
        case session(String)
        /// The wait of an event, by the event's number.
        case wait(UInt64)
        /// The end of an event's time alone.
        case alone(UInt64)
        /// Messages of other rooms that were put off.
        case deliveries
        /// The store's answer that a planned fault holds back.
        case delayed
        /// A change of recipe that the disk refused.
        case reload
    }

    private struct Entry {
        var due: Int64
        /// Order of arrival, so that equal times come out in a fixed order.
        var order: UInt64
        var item: Item
    }

    private var heap: [Entry] = []
    private var arrivals: UInt64 = 0

    var count: Int { heap.count }

    var nextDue: Int64? { heap.first?.due }

    /// - Complexity: O(log n).
    mutating func add(_ item: Item, due: Int64) {
        arrivals += 1
        heap.append(Entry(due: due, order: arrivals, item: item))
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard precedes(child, parent) else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    /// The earliest entry that is due at `now`, removed.
    /// - Complexity: O(log n).
    mutating func take(dueAt now: Int64) -> (due: Int64, item: Item)? {
        guard let first = heap.first, first.due <= now else { return nil }
        let last = heap.removeLast()
        if !heap.isEmpty {
            heap[0] = last
            sink()
        } else if heap.capacity > 256 {
            heap = []
        }
        return (first.due, first.item)
    }

    private mutating func sink() {
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && precedes(child, least) {
                least = child
            }
            guard least != parent else { return }
            heap.swapAt(parent, least)
            parent = least
        }
    }

    private func precedes(_ a: Int, _ b: Int) -> Bool {
        (heap[a].due, heap[a].order) < (heap[b].due, heap[b].order)
    }
}
