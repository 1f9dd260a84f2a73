import CLuaBridge

/// What the calling thread has computed. What it was kept waiting for does not count.
package enum ThreadTime {
    /// In nanoseconds since the thread began. Costs a system call.
    package static func now() -> UInt64 { bridge_thread_nanoseconds() }
}
