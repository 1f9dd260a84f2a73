/// What the VM calls for everything that concerns cells and the room. See `HostSurface` for the operations.
package protocol LuaHost: AnyObject {
    /// Answers one host operation. Called synchronously while Lua code is suspended beneath it.
    ///
    /// - Parameters:
    ///   - operation: a `HostOperation`, or a number from `HostOperation.user` on for trusted preludes.
    ///   - node: the node that the operation is on; 0 for operations of `ctx`.
    ///   - arguments: the operation's arguments, one item after another.
    ///   - reply: what the operation returns; with a status other than `.ok`, message or code and message.
    func call(
        _ operation: UInt32, _ node: UInt32, _ arguments: inout LuaReader, _ reply: inout LuaWriter
    ) -> LuaStatus
}

/// What the host made of an operation.
package enum LuaStatus: Int32, Sendable, Hashable {
    /// `reply` holds what the operation returns: any number of items.
    case ok = 0
    /// `reply` holds a message: raised as a Lua error with the caller's position.
    case error = 1
    /// `reply` holds a code and a message: raised as a failure that `pcall` may catch.
    case failure = 2
    /// `reply` holds a code and a message: ends the run, and nothing in Lua can catch it. The VM lives on.
    case abort = 3
}

/// A place in a recipe's source.
package struct LuaPosition: Sendable, Hashable {
    package var file: String
    package var line: Int

    package init(file: String, line: Int) {
        self.file = file
        self.line = line
    }
}
