import HearthSQLite
import Synchronization

/// Shows how far the migration of old data has come, when it takes over a second.
final class MigrationLine: Sendable {
    private struct Shown: ~Copyable {
        var version = 0
        var progress = ProgressLine("")
    }

    private let shown = Mutex(Shown())

    func show(_ progress: MigrationProgress) {
        shown.withLock { shown in
            if shown.version != progress.version {
                shown.version = progress.version
                shown.progress = ProgressLine("Migrating the data to schema \(progress.version)", total: progress.total)
            }
            shown.progress.advance(by: progress.rows)
        }
    }

    /// The data is open: takes the line away.
    func finish() {
        var last = ProgressLine("")
        shown.withLock { swap(&last, &$0.progress) }
        last.finish()
    }
}
