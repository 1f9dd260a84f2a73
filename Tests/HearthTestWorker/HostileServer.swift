import HearthIsolation
import HearthLua
import HearthValues

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A recipe's process that was taken over: it opens its program, and then says whatever comes out of its seed.
final class HostileServer {
    private let link: ParentLink
    private let honest: ProgramServer
    private var random: SeededRandom
    /// Whether it lies about its declaration too.
    private let liesEarly: Bool
    /// Calls that it answers as it should, so that a room with derived cells can begin.
    private var honestCalls: Int

    init(_ link: ParentLink, seed: UInt64) {
        self.link = link
        honest = ProgramServer(link)
        random = SeededRandom(seed: seed)
        liesEarly = seed % 4 == 3
        honestCalls = seed % 3 == 0 ? 1 : 0
    }

    func serve() -> Never {
        while true {
            let message = link.receive()
            let kind = message.first ?? 0
            if kind == FrameKind.call.rawValue, honestCalls > 0 {
                honestCalls -= 1
                honest.perform(message)
            } else if kind == FrameKind.call.rawValue || (liesEarly && kind == FrameKind.load.rawValue) {
                misbehave()
            } else if kind != FrameKind.reply.rawValue {
                honest.perform(message)
            } else {
                misbehave()
            }
        }
    }

    /// Takes its turn with anything.
    private func misbehave() {
        switch random.next(below: 100) {
        case 0: abort()
        case 1: exit(3)
        case 2..<60: makeHostCall()
        case 60..<75: sendResult()
        case 75..<90: sendFailure()
        default: sendNonsense()
        }
    }

    private func makeHostCall() {
        link.frame.begin(.host)
        let operation = HostOperation.allCases[random.next(below: HostOperation.allCases.count)].rawValue
        link.frame.put(random.next(below: 20) == 0 ? UInt32.random(in: 0...2_000, using: &random) : operation)
        link.frame.put(
            random.next(below: 10) == 0 ? UInt32.random(in: 0...(.max), using: &random) : UInt32(random.next(below: 12))
        )
        link.frame.put(Int32(random.next(below: 3)) - 1)
        link.frame.put(random.next(below: 10) == 0 ? Int32.random(in: (.min)...(.max), using: &random) : 3)
        sendItems(random.next(below: 5))
    }

    private func sendResult() {
        link.frame.begin(.done)
        putUsage()
        link.frame.put(UInt32(random.next(below: 3) == 0 ? random.next(below: 9) : 0))
        sendItems(random.next(below: 4) == 0 ? random.next(below: 3) : 1)
    }

    private func sendFailure() {
        link.frame.begin(.failed)
        putUsage()
        let kinds: [LuaError.Kind] = [
            .syntax, .runtime, .failed(code: text()), .aborted(code: text()), .limit(.time), .limit(.memory), .dead,
            .host,
        ]
        var error = LuaError(kinds[random.next(below: kinds.count)], text(), traceback: text())
        error.file = random.next(below: 2) == 0 ? "recipe.lua" : text()
        error.line = Int(Int32.random(in: 0...(.max), using: &random))
        link.frame.put(error)
        if random.next(below: 10) == 0 { link.frame.put(UInt8(1)) }
        sendBytes([])
    }

    private func sendNonsense() {
        link.frame.begin(.host)
        for _ in 0..<random.next(below: 30) { link.frame.put(UInt8(random.next(below: 256))) }
        sendBytes([])
    }

    private func putUsage() {
        link.frame.put(random.next(below: 20) == 0)
        for _ in 0..<5 {
            link.frame.put(random.next(below: 5) == 0 ? UInt64.max : UInt64(random.next(below: 1_000_000)))
        }
    }

    private func sendItems(_ count: Int) {
        var writer = LuaWriter()
        for _ in 0..<count { write(into: &writer, depth: 0) }
        var bytes = Array(writer.bytes)
        if !bytes.isEmpty, random.next(below: 8) == 0 {
            bytes[random.next(below: bytes.count)] ^= UInt8(1 << random.next(below: 8))
        }
        if !bytes.isEmpty, random.next(below: 20) == 0 { bytes.removeLast(1 + random.next(below: bytes.count)) }
        sendBytes(bytes)
    }

    private func sendBytes(_ bytes: [UInt8]) { bytes.withUnsafeBytes { link.send($0) } }

    private func text() -> String {
        let texts = [
            "", "a", "n", "list", "o/x", "all", "s1", "user@s1", "card", "~", "budget_exceeded", "recipe.lua:9: x",
            String(repeating: "ö", count: 3_000), "\0", "honest", "count", "x",
        ]
        return texts[random.next(below: texts.count)]
    }

    private func write(into writer: inout LuaWriter, depth: Int) {
        switch random.next(below: depth > 5 ? 10 : 14) {
        case 0: writer.writeAbsent()
        case 1: writer.writeNull()
        case 2: writer.write(random.next(below: 2) == 0)
        case 3: writer.write(Int64(random.next(below: 9)) - 2)
        case 4: writer.write(random.next(below: 2) == 0 ? Int64.max : Int64.min)
        case 5: writer.write([Double.nan, .infinity, -0.0, 1.5, 1e308][random.next(below: 5)])
        case 6, 7: writer.write(text())
        case 8: writer.write(LuaNode(UInt32(random.next(below: 20)), NodeKind.allCases[random.next(below: 5)]))
        case 9:
            random.next(below: 2) == 0
                ? writer.writeLink(text() + "#/" + text()) : writer.write(FunctionHandle(UInt32(random.next(below: 9))))
        case 10, 11:
            let count = random.next(below: 4)
            writer.beginList(count: count)
            for _ in 0..<count { write(into: &writer, depth: depth + 1) }
        default:
            let count = random.next(below: 4)
            writer.beginObject(count: count)
            for _ in 0..<count {
                writer.writeKey(text())
                write(into: &writer, depth: depth + 1)
            }
        }
    }
}
