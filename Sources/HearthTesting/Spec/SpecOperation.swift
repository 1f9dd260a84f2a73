import HearthLua

/// What a spec's Lua asks of the simulation; mirrors the names in `Lua/host.lua`, in their order.
enum SpecOperation: UInt32, CaseIterable {
    case begin, finish, open, close, join, start, answered, state, step, settle, deliver, run
    case pass, asks, answer, set, disconnect, enter, leave, restart, conflict, discard, call
    case called, exchange, view, resolve, cells, heard, stats, about, story, faults, seed, reload, reloaded, message
    case lose, double, behind, complaints

    init?(operation: UInt32) {
        guard operation >= HostOperation.user else { return nil }
        self.init(rawValue: operation - HostOperation.user)
    }
}
