import Foundation
package import HearthLua

/// Starts processes for recipes, and keeps some ready so that replacing one costs little. Safe from every thread.
///
/// One thread, the keeper, starts all of them and lives as long as the pool: the system ends a process with the thread
/// that started it, so that none outlives a server that is killed.
///
/// Mutable state, all guarded by `condition`: `spares` were started and may not have locked themselves up yet; `lives` are
/// those of all processes that were not seen to end.
// @unchecked because: every access to mutable state holds `condition`.
package final class WorkerPool: @unchecked Sendable {
    private let command: WorkerCommand
    private let limits: IsolationLimits
    private let condition = NSCondition()
    private var spares: [Worker] = []
    private var lives: [WorkerLife] = []
    private var waiting = 0
    private var failure: LuaError?
    private var isClosed = false

    /// Begins to start processes.
    ///
    /// - Parameter luaMemoryBytes: the largest Lua heap that a recipe may have; 0: the system sets no limit.
    package init(command: WorkerCommand = .init(), limits: IsolationLimits = .init(), luaMemoryBytes: Int) {
        var command = command
        command.memoryBytes = luaMemoryBytes == 0 ? 0 : UInt64(luaMemoryBytes + limits.extraMemoryBytes)
        self.command = command
        self.limits = limits
        Thread.detachNewThread { [self] in keep() }
    }

    /// Makes sure that a process can be started and locks itself up.
    /// - Throws: `.lost(.unstarted)` with the reason.
    package func check() throws(LuaError) {
        let worker = try take()
        condition.withLock { spares.insert(worker, at: 0) }
    }

    /// Opens an engine whose Lua runs in a process of its own.
    /// - Throws: what the program raises; `.lost` when there is no process for it or it died.
    package func open(_ program: LuaProgram) throws(LuaError) -> RemoteEngine {
        try RemoteEngine(program, on: try take(), limits)
    }

    /// Ends every process that is in nobody's hands, and the keeper with all that it started.
    package func close() {
        condition.withLock {
            isClosed = true
            spares = []
            condition.broadcast()
        }
    }

    /// Takes note of processes that have ended of themselves. The keeper does so once a second.
    package func look() { condition.withLock { takeNote() } }

    /// A process that has locked itself up and has seen nothing yet.
    private func take() throws(LuaError) -> Worker {
        while true {
            let worker = try takeSpare()
            if worker.hasEnded { continue }
            try worker.awaitHello()
            return worker
        }
    }

    private func takeSpare() throws(LuaError) -> Worker {
        condition.lock()
        defer { condition.unlock() }
        waiting += 1
        failure = nil
        condition.broadcast()
        let until = Date(timeIntervalSinceNow: Double(limits.startMs) / 1_000)
        while spares.isEmpty, failure == nil, !isClosed, condition.wait(until: until) {}
        waiting -= 1
        guard !spares.isEmpty else {
            throw failure ?? LuaError(lost: .unstarted(isClosed ? "the server is ending" : "the system is too slow"))
        }
        defer { condition.broadcast() }
        return spares.removeFirst()
    }

    // MARK: - The keeper

    private func keep() {
        var nextLook = Date(timeIntervalSinceNow: 1)
        condition.lock()
        while !isClosed {
            if Date.now >= nextLook {
                takeNote()
                nextLook = Date(timeIntervalSinceNow: 1)
            }
            if failure == nil, spares.count < limits.spares + waiting {
                condition.unlock()
                let started = Result { () throws(LuaError) in try Worker(command, limits) }
                condition.lock()
                add(started)
            } else {
                // To look after those that are idle: one that died must not stay as a zombie.
                _ = condition.wait(until: nextLook)
            }
        }
        condition.unlock()
    }

    private func add(_ started: Result<Worker, LuaError>) {
        switch started {
        case .success(let worker):
            lives.append(worker.watched)
            if !isClosed { spares.append(worker) }
        case .failure(let error):
            // Until the next one asks.
            failure = error
        }
        condition.broadcast()
    }

    private func takeNote() {
        for life in lives { life.look() }
        lives.removeAll(where: \.hasEnded)
        spares.removeAll(where: \.hasEnded)
    }
}
