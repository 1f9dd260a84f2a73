import Foundation

/// The allocator of the program, see Docs/decisions/0009. Nothing happens where it is another than jemalloc.
package enum Allocator {
    /// Has the allocator give freed memory back to the system by threads of its own, also where the threads that freed it
    /// have nothing more to do: else a server that a crowd has left keeps what the crowd took up until the next one comes.
    ///
    /// For servers only: a recipe's process must start no thread, so this is no setting that the program is born with.
    package static func giveBackByItself() {
        var isOn = true
        _ = control?("background_thread", nil, nil, &isOn, MemoryLayout<Bool>.size)
    }

    /// Gives back what this thread has set aside for its next allocations: a few places here and there among many that are
    /// free, which keep all of these from being given back.
    ///
    /// - Complexity: O(what is set aside), some ten thousand places at most; for now and then.
    static func clearThreadCache() { _ = control?("thread.tcache.flush", nil, nil, nil, 0) }

    /// Gives back at once what is free; else that is kept for ten seconds, for whoever may want it next.
    ///
    /// - Complexity: O(places that are free), a system call for each; for a thread that may be kept waiting.
    static func giveBackNow() {
        // The number stands for all arenas.
        _ = control?("arena.4096.purge", nil, nil, nil, 0)
    }

    /// `mallctl`: a setting's name, where its value before goes with its size, and its new value with its size.
    private typealias Control =
        @convention(c) (
            UnsafePointer<CChar>, UnsafeMutableRawPointer?, UnsafeMutablePointer<Int>?, UnsafeMutableRawPointer?, Int
        ) -> Int32

    private static let control = dlsym(nil, "mallctl").map { unsafeBitCast($0, to: Control.self) }
}
