internal import HearthValues

extension RoomStore {
    /// Writes a room, as of the moment of the call, line by line in the form that `RoomImport` reads.
    ///
    /// The room may go on meanwhile. Only a page of facts is in memory at a time.
    /// - Parameters:
    ///   - write: takes one line, with its newline; what it throws ends the export.
    ///   - progress: called after each page with the facts written and those to write.
    /// - Throws: `missing`, `corrupt`, or what `write` throws.
    package func export(
        room: String, write: ([UInt8]) throws(StoreError) -> Void,
        progress: (_ done: UInt64, _ total: UInt64) -> Void = { _, _ in }
    ) throws(StoreError) {
        guard let loaded = try load(room: room) else { throw .missing(room: room) }
        let total = loaded.record.seq
        func put(_ value: Value) throws(StoreError) {
            var sink = ByteSink()
            JSON.write(value, into: &sink)
            sink.append(UInt8(ascii: "\n"))
            try write(sink.bytes)
        }
        try put(ExportFormat.header(loaded.record))
        var snapshots = Set(try snapshotPositions(room: room).filter { $0 <= total })
        func putSnapshot(at seq: UInt64) throws(StoreError) {
            guard snapshots.remove(seq) != nil, let snapshot = try stored(room: room, at: seq)?.0 else { return }
            // One that has been thinned out since is not missed.
            if snapshot.seq == seq { try put(ExportFormat.line(snapshot)) }
        }
        try putSnapshot(at: 0)
        var last = RoomPosition(seq: 0, head: .zero)
        while last.seq < total {
            let page = try facts(room: room, after: last.seq, limit: 1_000).filter { $0.seq <= total }
            if page.isEmpty { throw .corrupt(room: room, seq: last.seq + 1, detail: "the log ends here") }
            for fact in page {
                if let fault = FactChain.fault(of: fact, after: last) {
                    throw .corrupt(room: room, seq: last.seq + 1, detail: fault)
                }
                last = RoomPosition(seq: fact.seq, head: fact.id)
                try put(ExportFormat.line(fact))
                try putSnapshot(at: fact.seq)
            }
            progress(last.seq, total)
        }
        for session in loaded.sessions { try put(ExportFormat.line(session)) }
        for mark in loaded.marks { try put(ExportFormat.line(mark)) }
        for timer in loaded.timers { try put(ExportFormat.line(timer)) }
        for message in loaded.outgoing { try put(ExportFormat.line(message)) }
        for id in loaded.received { try put(ExportFormat.line(received: id)) }
        try put(ExportFormat.end(facts: total))
    }
}
