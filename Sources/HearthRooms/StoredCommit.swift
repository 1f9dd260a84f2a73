package import HearthStore
package import HearthValues

/// What reading a fact back needs of it.
package struct StoredCommit: Sendable {
    package var seq: UInt64
    package var at: Int64
    package var by: String?
    package var event: String?
    package var patch: Patch

    /// - Throws: `RoomError.corrupt` when the content is not what this engine writes.
    package init(_ fact: Fact) throws(RoomError) {
        try self.init(fact.seq, fact.object())
    }

    init(_ seq: UInt64, _ object: Object) throws(RoomError) {
        guard let at = object["at"]?.int, let patch = object["patch"] else {
            throw RoomError.corrupt("fact \(seq) has no `at` or no `patch`")
        }
        self.seq = seq
        self.at = at
        by = object["by"]?.string
        event = object["event"]?.string
        do { self.patch = try Patch(json: patch) } catch {
            throw RoomError.corrupt("fact \(seq) cannot be read: \(error)")
        }
    }
}

extension Fact {
    /// The content of a fact that a room has written.
    func object() throws(RoomError) -> Object {
        do {
            guard case .object(let object) = try JSON.parse(content, links: .parsed) else {
                throw RoomError.corrupt("fact \(seq) is not an object")
            }
            return object
        } catch let error as RoomError {
            throw error
        } catch {
            throw RoomError.corrupt("fact \(seq) cannot be read: \(error)")
        }
    }
}
