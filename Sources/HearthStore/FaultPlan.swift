internal import Synchronization

/// Lets the N-th step of a store fail. For tests; a store that was given none asks nothing.
package final class FaultPlan: Sendable {
    private let state = Mutex<(remaining: Int, error: StoreError)?>(nil)

    package init() {}

    /// Lets the `n`-th step from now (the first is 1) fail once with `error`.
    package func fail(step n: Int, with error: StoreError) {
        state.withLock { $0 = (n, error) }
    }

    /// Forgets a failure that has not come about.
    /// - Returns: whether there was one.
    @discardableResult
    package func disarm() -> Bool {
        state.withLock { state in
            defer { state = nil }
            return state != nil
        }
    }

    /// A store calls this before each thing that can fail.
    package func step() throws(StoreError) {
        let error: StoreError? = state.withLock { state in
            guard let armed = state else { return nil }
            state = armed.remaining > 1 ? (armed.remaining - 1, armed.error) : nil
            return armed.remaining > 1 ? nil : armed.error
        }
        if let error { throw error }
    }
}
