import Foundation

/// A counter on standard error for work that turns out to take over a second. Work that is done sooner shows nothing.
///
/// On a terminal one line is kept up to date, with a bar where the total is known; elsewhere a line is written every
/// ten seconds.
struct ProgressLine: ~Copyable {
    private let what: String
    private let total: Int?
    private let started = ContinuousClock.now
    private var shown: ContinuousClock.Instant?
    private var done = 0
    private var lineIsOpen = false

    /// - Parameters:
    ///   - what: "Verifying lobby", without a full stop.
    ///   - total: how many steps there are; nil when that is not known.
    init(_ what: String, total: Int? = nil) {
        self.what = what
        self.total = total
    }

    mutating func advance(by steps: Int = 1) {
        done += steps
        let now = ContinuousClock.now
        let pause: Duration = Terminal.errorIsTerminal ? .milliseconds(100) : .seconds(10)
        guard now - started > .seconds(1), shown.map({ now - $0 > pause }) ?? true else { return }
        shown = now
        show()
    }

    /// Takes the line away, so that what is printed next begins on a clean one.
    consuming func finish() {
        if lineIsOpen { Terminal.write("\r\u{1B}[K", to: FileHandle.standardError) }
    }

    private mutating func show() {
        let line = Self.line(what, done: done, of: total)
        if Terminal.errorIsTerminal {
            Terminal.write("\r\(line)\u{1B}[K", to: FileHandle.standardError)
            lineIsOpen = true
        } else {
            Terminal.note(line)
        }
    }

    static func line(_ what: String, done: Int, of total: Int?) -> String {
        guard let total, total > 0 else { return "\(what): \(grouped(done))" }
        let width = 24
        let filled = min(width, done * width / total)
        let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled)
        return "\(what) [\(bar)] \(grouped(done)) of \(grouped(total))"
    }

    /// "1 room", "2,000 rooms"
    static func counted(_ number: Int, _ noun: String) -> String {
        grouped(number) + " " + noun + (number == 1 ? "" : "s")
    }

    /// 1234567 as 1,234,567.
    static func grouped(_ number: Int) -> String {
        var digits = String(number.magnitude)
        var groups: [String] = []
        while digits.count > 3 {
            groups.insert(String(digits.suffix(3)), at: 0)
            digits.removeLast(3)
        }
        return (number < 0 ? "-" : "") + ([digits] + groups).joined(separator: ",")
    }
}
