import Foundation
import NIOCore
import Testing

@testable import HearthServer

@Suite struct `An address` {
    private func address(_ text: String) throws -> IPAddress { try #require(IPAddress(text), "\(text)") }

    @Test(arguments: [
        ("192.0.2.7", "192.0.2.7"), ("192.0.2.7:4711", "192.0.2.7"), (" 192.0.2.7 ", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"), ("2001:DB8::1", "2001:db8::1"), ("[2001:db8::1]:443", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
    ]) func `is read in each of its spellings`(text: String, spelling: String) throws {
        #expect(try address(text).text == spelling)
        let socket = try SocketAddress(ipAddress: spelling, port: 80)
        #expect(try IPAddress(socket) == address(text))
    }

    @Test(arguments: [
        "", "unknown", "_hidden", "192.0.2", "192.0.2.256", "[2001:db8::1", "a:b", "1.2.3.4, 5.6.7.8", "::g",
    ])
    func `is not made of anything else`(text: String) { #expect(IPAddress(text) == nil) }

    @Test func `of IPv6 counts with the others of its 64 bits, one of IPv4 alone`() throws {
        #expect(try address("2001:db8:1:2::3").block == address("2001:db8:1:2:ffff::").block)
        #expect(try address("2001:db8:1:2::3").block != address("2001:db8:1:3::3").block)
        #expect(try address("192.0.2.7").block != address("192.0.2.8").block)
    }

    @Test(arguments: [
        ("127.0.0.1", true), ("127.255.0.9", true), ("10.1.2.3", true), ("172.31.255.255", true), ("172.32.0.1", false),
        ("192.168.0.1", true), ("192.169.0.1", false), ("100.64.0.1", true), ("100.128.0.1", false), ("::1", true),
        ("::2", false), ("fd00::1", true), ("fe80::1", true), ("2001:db8::1", false), ("8.8.8.8", false),
        ("::ffff:10.0.0.1", true),
    ]) func `is private or a stranger's`(text: String, isPrivate: Bool) throws {
        #expect(try address(text).isPrivate == isPrivate)
        let isLoopback = text.hasPrefix("127.") || text == "::1"
        #expect(try address(text).isLoopback == isLoopback)
    }
}

@Suite struct `The word of a proxy` {
    static let hops: [(peer: String, fields: [String], client: String?)] = [
        // From an untrusted peer nothing is believed.
        ("192.0.2.1", ["203.0.113.7"], "192.0.2.1"),
        ("10.0.0.1", ["203.0.113.7"], "203.0.113.7"),
        ("10.0.0.1", ["1.1.1.1, 203.0.113.7"], "203.0.113.7"),
        ("10.0.0.1", ["1.1.1.1", "203.0.113.7, 10.0.0.2"], "203.0.113.7"),
        ("10.0.0.1", ["203.0.113.7", "10.0.0.2", "10.0.0.3"], "203.0.113.7"),
        ("10.0.0.1", ["1.1.1.1, nonsense, 10.0.0.2"], "10.0.0.2"),
        ("10.0.0.1", ["10.0.0.9, 10.0.0.2"], "10.0.0.9"),
        ("10.0.0.1", [], nil), ("10.0.0.1", ["unknown"], nil), ("10.0.0.1", [",,"], nil),
        ("fd00::1", ["2001:db8::9"], "2001:db8::9"),
    ]

    @Test(arguments: hops)
    func `leads to the last address that no proxy is at`(peer: String, fields: [String], client: String?) throws {
        let proxies = try TrustedProxies(["10.0.0.0/8", "fd00::/8"])
        let found = try proxies.client(of: #require(IPAddress(peer)), forwardedFor: fields)
        #expect(found?.text == client)
    }

    @Test(arguments: ["nginx", "10.0.0.0/33", "10.0.0.0/-1", "::/129", "10.0.0.0/", ""])
    func `is that of an address or a network`(text: String) throws {
        let error = #expect(throws: ServerError.self) { try TrustedProxies([text]) }
        #expect(error?.message.contains("--trusted-proxy") == true)
        #expect(try TrustedProxies(["private"]).trusts(#require(IPAddress("192.168.3.4"))))
        #expect(try !TrustedProxies(["10.0.0.7"]).trusts(#require(IPAddress("10.0.0.8"))))
    }
}

@Suite struct `A rate` {
    @Test(arguments: [1, 7, 50, 1_000, 1_000_000], [UInt64(1), 2, 3])
    func `lets through what comes evenly and two seconds' worth at once`(perSecond: Int, seed: UInt64) {
        let rate = RateLimit(perSecond: perSecond)
        var random = Seeded(state: seed)
        var time: Int64 = 0
        var now: Int64 = 1_000_000_000_000
        let start = now
        var taken = 0
        for _ in 0..<4_000 {
            now += Int64(random.next() % UInt64(2_000_000_000 / perSecond))
            let wait = rate.take(&time, at: now)
            if wait == 0 {
                taken += 1
            } else {
                var later = time
                #expect(rate.take(&later, at: now + wait) == 0, "who waits as told gets through; seed \(seed)")
                var early = time
                #expect(rate.take(&early, at: now + wait - 1) > 0)
            }
            let most = Double(now - start) / 1e9 * Double(perSecond) * 1.001 + Double(2 * perSecond) + 1
            #expect(Double(taken) <= most, "seed \(seed)")
        }
        var fresh: Int64 = 0
        let burst = (0..<3 * perSecond.clamped(to: 1...10_000)).count { _ in rate.take(&fresh, at: now) == 0 }
        if perSecond <= 10_000 { #expect(burst == max(1, 2 * perSecond)) }
    }

    @Test func `of an address holds for all threads together`() async {
        let record = AddressRecord()
        let rate = RateLimit(perSecond: 1_000)
        let taken = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<8 {
                group.addTask { (0..<2_000).count { _ in record.pace.take(rate, at: 5_000_000_000_000) == 0 } }
            }
            return await group.reduce(0, +)
        }
        #expect(taken == 2_000)
    }

    @Test func `of 0 is none`() {
        var time: Int64 = 0
        #expect((0..<1_000).allSatisfy { _ in RateLimit.none.take(&time, at: 0) == 0 })
    }
}

@Suite struct `What is kept of addresses` {
    @Test func `is bounded, however many come by`() {
        var book = AddressBook()
        let regular = IPAddress(v4: 1)
        let record = book.enter(regular)
        for number in 0..<300_000 {
            let passer = IPAddress(high: UInt64(number) + 1, low: 0)
            _ = book.enter(passer)
            book.leave(passer)
        }
        #expect(book.count <= 2 * AddressBook.goneMax + 1)
        #expect(book.connections(of: regular) == 1 && book.record(of: regular) === record)
    }

    @Test func `is kept for a while after they have gone`() {
        var book = AddressBook()
        let address = IPAddress(v4: 7)
        let record = book.enter(address)
        #expect(book.enter(address) === record && book.connections(of: address) == 2)
        book.leave(address)
        book.leave(address)
        book.leave(address)
        #expect(book.connections(of: address) == 0 && book.enter(address) === record)
    }
}

@Suite struct `The rate of a session` {
    private static let rate = RateLimit(perSecond: 10)

    private func meter(_ paces: SessionPaces) -> MessageMeter {
        MessageMeter(session: Self.rate, address: .none, record: nil, paces: paces)
    }

    private func at(_ ms: Int64) -> NIODeadline { .uptimeNanoseconds(UInt64(1_000_000_000_000 + ms * 1_000_000)) }

    /// How many messages go through at one moment.
    private func burst(_ meter: MessageMeter, _ ms: Int64) -> Int {
        (0..<1_000).count { _ in meter.take(at: at(ms)) == nil }
    }

    @Test func `is not bought anew by coming back`() {
        let paces = SessionPaces()
        var first = meter(paces)
        first.join(resume: nil, fresh: "secret", at: at(0))
        #expect(burst(first, 0) == 20)
        first.leave(at: at(0))
        var taken = 0
        for round in 1...50 {
            var next = meter(paces)
            next.join(resume: "secret", fresh: "fresh \(round)", at: at(Int64(round) * 20))
            taken += burst(next, Int64(round) * 20)
            next.leave(at: at(Int64(round) * 20))
        }
        #expect(taken == 10, "ten a second, and one second has gone")
    }

    @Test func `is shared by two sockets that have it at once`() {
        let paces = SessionPaces()
        var first = meter(paces)
        first.join(resume: nil, fresh: "secret", at: at(0))
        var second = meter(paces)
        second.join(resume: "secret", fresh: "other", at: at(0))
        #expect(burst(second, 0) == 20 && burst(first, 0) == 0)
        first.leave(at: at(0))
        #expect(burst(second, 0) == 0)
        var third = meter(paces)
        third.join(resume: "other", fresh: "third", at: at(0))
        #expect(burst(third, 0) == 0, "whichever of the two secrets the room has taken")
    }

    @Test func `is nobody else's, and that of a new session is fresh`() {
        let paces = SessionPaces()
        var first = meter(paces)
        first.join(resume: nil, fresh: "secret", at: at(0))
        #expect(burst(first, 0) == 20)
        var other = meter(paces)
        other.join(resume: "another", fresh: "fresh", at: at(0))
        #expect(burst(other, 0) == 20)
        var unlimited = MessageMeter(session: .none, address: .none, record: nil, paces: paces)
        unlimited.join(resume: "secret", fresh: "x", at: at(0))
        #expect(burst(unlimited, 0) == 1_000)
    }

    @Test func `is forgotten once nothing of it is used up`() {
        let paces = SessionPaces()
        for round in 0..<2_000 {
            var meter = meter(paces)
            let resume = round % 3 == 0 ? "resumed \(round / 2)" : nil
            meter.join(resume: resume, fresh: "fresh \(round)", at: at(Int64(round)))
            _ = burst(meter, Int64(round))
            meter.leave(at: at(Int64(round)))
            #expect(paces.count <= 4_100)
        }
        #expect(paces.count > 1_000)
        var last = meter(paces)
        last.join(resume: nil, fresh: "last", at: at(10_000))
        #expect(paces.count == 1)
        last.leave(at: at(10_000))
        #expect(paces.count == 0)
        var long = meter(paces)
        long.join(resume: String(repeating: "x", count: 1_000_000), fresh: "long", at: at(10_000))
        #expect(paces.count == 1)
    }
}

/// splitmix64
private struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}

extension Int {
    fileprivate func clamped(to range: ClosedRange<Int>) -> Int {
        Swift.min(Swift.max(self, range.lowerBound), range.upperBound)
    }
}

@Suite struct `The page of limits` {
    @Test(arguments: ServerLimit.allCases) func `says of each limit of clients how it is counted`(limit: ServerLimit)
        throws
    {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized
        let page = try String(contentsOf: root.appending(path: "Docs/limits.md"), encoding: .utf8)
        let lines = page.split(separator: "\n").filter {
            $0.hasPrefix("|") && ($0.split(separator: "|").last?.contains("`\(limit.rawValue)`") ?? false)
        }
        #expect(lines.count == 1)
    }
}
