package import HearthStore

/// How a `SQLiteStore` works.
package struct SQLiteStoreConfiguration: Sendable {
    /// Who opens the data.
    package enum Access: Sendable {
        /// A server: the only one on this data. Migrates the schema.
        case server
        /// A tool that writes while a server may be running.
        case alongside
        /// A tool that only reads; the server may be running.
        case readOnly
    }

    package var access: Access
    /// Seconds for which a commit waits for another process to give up the write lock, before it fails as
    /// `unavailable`.
    package var busySeconds: Int
    /// Reads that may go on at once, each with a connection of its own.
    package var readersMax: Int
    /// Pages (4 KiB each) in the write-ahead log after which a commit also moves them into the database.
    package var checkpointPages: Int
    /// Rows of a deleted room that are removed at a time: whoever waits for the writing connection waits for so many.
    package var removalShare: Int
    /// Is told how far the migration of older data has come; called while the store opens.
    package var onMigration: (@Sendable (MigrationProgress) -> Void)?
    /// Is told, in a sentence, of what goes wrong and harms no call: a file that cannot be removed. Called on any thread.
    package var onTrouble: (@Sendable (String) -> Void)?
    /// Asked before every statement of a commit; nil outside of tests.
    package var faults: FaultPlan?

    package init(
        access: Access = .server, busySeconds: Int = 120, readersMax: Int = 4, checkpointPages: Int = 4_000,
        removalShare: Int = 256,
        onMigration: (@Sendable (MigrationProgress) -> Void)? = nil,
        onTrouble: (@Sendable (String) -> Void)? = nil, faults: FaultPlan? = nil
    ) {
        self.access = access
        self.busySeconds = busySeconds
        self.readersMax = readersMax
        self.checkpointPages = checkpointPages
        self.removalShare = removalShare
        self.onMigration = onMigration
        self.onTrouble = onTrouble
        self.faults = faults
    }
}
