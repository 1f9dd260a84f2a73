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
                group.addTask { (0..<2_000).count { _ in record.take(rate, at: 5_000_000_000_000) == 0 } }
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
