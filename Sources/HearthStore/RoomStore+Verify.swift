/// What `verify` has found in one room.
package struct VerifyReport: Sendable, Hashable {
    package struct Finding: Sendable, Hashable {
        /// The fact or snapshot at fault; nil when it is the room as a whole.
        package let seq: UInt64?
        package let detail: String
    }

    /// How many facts were looked at.
    package var facts: UInt64 = 0
    package var snapshots = 0
    /// In order of discovery: first the log's, then the record's, then the snapshots'.
    package var findings: [Finding] = []

    fileprivate mutating func add(_ seq: UInt64?, _ detail: String) {
        findings.append(Finding(seq: seq, detail: detail))
    }
}

extension RoomStore {
    /// Walks the room's log from its first fact and checks every id, parent and seq, then that the snapshots and the
    /// record agree with the log.
    ///
    /// Facts that are appended meanwhile are not looked at.
    /// - Parameters:
    ///   - findingsMax: the walk ends after that many findings.
    ///   - progress: called after each page with the seq reached and the seq to reach.
    /// - Throws: `missing`, or why the store cannot be read at all; damage is a finding and not an error.
    /// - Complexity: O(bytes of the log), in pages.
    package func verify(
        room: String, findingsMax: Int = 100, progress: (_ checked: UInt64, _ total: UInt64) -> Void = { _, _ in }
    ) throws(StoreError) -> VerifyReport {
        guard let record = try record(room: room) else { throw .missing(room: room) }
        var unlisted: String?
        var positions: [UInt64] = []
        do throws(StoreError) { positions = try snapshotPositions(room: room) } catch .corrupt(_, _, let detail) {
            unlisted = detail
        }
        var walk = LogWalk(heads: Set(positions))
        do throws(StoreError) {
            try walk.run(self, record, findingsMax, progress)
        } catch {
            guard case .corrupt(_, let seq, let detail) = error else { throw error }
            walk.report.add(seq ?? walk.last.seq + 1, detail)
        }
        if walk.report.findings.isEmpty, walk.last != record.position {
            let detail = "the record has head \(record.head) at seq \(record.seq), the log \(walk.last.head)"
            walk.report.add(min(walk.last.seq + 1, record.seq), detail)
        }
        for position in walk.wanted.sorted() where position <= record.seq {
            try verifySnapshot(room, position, head: walk.heads[position], &walk.report)
        }
        if let unlisted { walk.report.add(nil, unlisted) }
        return walk.report
    }

    private func verifySnapshot(
        _ room: String, _ seq: UInt64, head: Hash?, _ report: inout VerifyReport
    ) throws(StoreError) {
        report.snapshots += 1
        do throws(StoreError) {
            // One that has been thinned out since is not missed, nor is one of another log.
            guard let snapshot = try snapshot(room: room, at: seq) else { return report.snapshots -= 1 }
            if let head, head != snapshot.head {
                report.add(seq, "the snapshot has head \(snapshot.head), the fact has id \(head)")
            }
        } catch {
            guard case .corrupt(_, _, let detail) = error else { throw error }
            report.add(seq, detail)
        }
    }
}

/// The walk along one log.
private struct LogWalk {
    var report = VerifyReport()
    var last = RoomPosition(seq: 0, head: .zero)
    /// The seqs whose ids are needed to check the snapshots, and the ids found.
    let wanted: Set<UInt64>
    var heads: [UInt64: Hash]

    init(heads wanted: Set<UInt64>) {
        self.wanted = wanted
        heads = wanted.contains(0) ? [0: .zero] : [:]
    }

    mutating func run(
        _ store: some RoomStore, _ record: RoomRecord, _ findingsMax: Int, _ progress: (UInt64, UInt64) -> Void
    ) throws(StoreError) {
        while last.seq < record.seq {
            let page = try store.facts(room: record.id, after: last.seq, limit: 1_000)
            for fact in page where fact.seq <= record.seq {
                report.facts += 1
                if let fault = FactChain.fault(of: fact, after: last) { report.add(last.seq + 1, fault) }
                if report.findings.count >= findingsMax { return }
                last = RoomPosition(seq: fact.seq, head: fact.id)
                if wanted.contains(fact.seq) { heads[fact.seq] = fact.id }
            }
            progress(min(last.seq, record.seq), record.seq)
            if page.isEmpty { return }
        }
    }
}
