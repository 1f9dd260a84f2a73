import NIOCore
import NIOEmbedded
import NIOWebSocket
import Testing

@testable import HearthRooms
@testable import HearthServer

/// What one connection gets of a turn: its audience's frames and its own messages, in the order in which they were
/// said.
@Suite struct `The order of a turn` {
    private func table(batch: Bool) throws -> (SharedFrames, Seat) {
        let frames = SharedFrames(isBatch: batch)
        let audience = Audience(
            key: AudienceKey(state: .full, batch: batch, viewer: .stranger))
        audience.scratch = frames
        let bench = try SocketBench()
        let seat = Seat(
            room: "r", trace: "t", remote: "-", socket: NIOLoopBound(bench.socket, eventLoop: bench.channel.eventLoop),
            socketLoop: bench.channel.eventLoop)
        seat.audience = audience
        seat.isBatch = batch
        return (frames, seat)
    }

    private func say(_ text: String, to seat: Seat, isSync: Bool = false) {
        let letter = Letter(payload: Array(text.utf8), isSync: isSync)
        seat.own.append((seat.frames?.position ?? 0, .letter(letter)))
    }

    private func texts(_ buffer: ByteBuffer) throws -> [String] { try SentFrame.all(in: buffer).map(\.text) }

    @Test(arguments: [0, 1, 2, 5]) func `gives a plain audience one frame per message`(count: Int) throws {
        let frames = SharedFrames(isBatch: false)
        let messages = (0..<count).map { String(repeating: "x", count: $0 * 60) + "\($0)" }
        for message in messages { frames.append(Array(message.utf8)) }
        #expect(try texts(frames.whole()) == messages)
    }

    @Test(arguments: [1, 2, 3, 100, 30_000]) func `gives a batch audience one frame`(count: Int) throws {
        let frames = SharedFrames(isBatch: true)
        for number in 0..<count { frames.append(Array("\(number)".utf8)) }
        let list = (0..<count).map(String.init).joined(separator: ",")
        #expect(try texts(frames.whole()) == [count == 1 ? list : "[\(list)]"])
        frames.reset()
        frames.append([UInt8(ascii: "7")])
        #expect(try texts(frames.whole()) == ["7"])
    }

    /// A session that resumed after three missed commits was sent two of them: letters were put together in pairs, and
    /// the one left over was forgotten at the end of the turn.
    @Test(arguments: [1, 2, 3, 4, 7], [false, true]) func `sends every letter of a turn`(count: Int, batch: Bool) throws
    {
        let (_, seat) = try table(batch: batch)
        let letters = (1...count).map { "\($0)" }
        for letter in letters { say(letter, to: seat) }
        let orders = seat.takeOrders()
        guard orders.count == 1, case .send(.own(let buffer)) = orders[0] else {
            Issue.record("\(orders)")
            return
        }
        let sent = try texts(buffer)
        #expect(sent == (batch && count > 1 ? ["[\(letters.joined(separator: ","))]"] : letters))
    }

    /// Signals of others were put among a reader's own messages, so for one who read nothing they piled up without end.
    @Test(arguments: [false, true]) func `leaves out what is of the moment for a reader who is behind`(batch: Bool)
        throws
    {
        let (frames, seat) = try table(batch: batch)
        frames.append(Array("1".utf8))
        seat.own.append((frames.position, .passing(Letter(payload: Array("2".utf8)))))
        say("3", to: seat)
        seat.own.append((frames.position, .passing(Letter(payload: Array("4".utf8)))))
        let orders = seat.takeOrders()
        guard orders.count == 1, case .send(.mixed(let all, let own)) = orders[0] else {
            Issue.record("\(orders)")
            return
        }
        #expect(try texts(all) == (batch ? ["[1,2,3,4]"] : ["1", "2", "3", "4"]))
        #expect(try texts(own) == [batch ? "[3]" : "3"])
    }

    @Test(arguments: [1, 2], [false, true]) func `sends nothing but signals as what may be dropped`(
        count: Int, batch: Bool
    ) throws {
        let (_, seat) = try table(batch: batch)
        for number in 1...count { seat.own.append((0, .passing(Letter(payload: Array("\(number)".utf8))))) }
        guard case .send(.shared(let all))? = seat.takeOrders().first else {
            Issue.record("not shared")
            return
        }
        #expect(try texts(all).joined() == (batch && count > 1 ? "[1,2]" : count > 1 ? "12" : "1"))
    }

    @Test func `puts answers between the commits around them`() throws {
        let (frames, seat) = try table(batch: false)
        frames.append(Array("c1".utf8))
        say("a1", to: seat)
        frames.append(Array("c2".utf8))
        frames.append(Array("c3".utf8))
        say("a3", to: seat)
        frames.append(Array("c4".utf8))
        _ = frames.whole()
        let orders = seat.takeOrders()
        guard orders.count == 1, case .send(.mixed(let all, let own)) = orders[0] else {
            Issue.record("\(orders)")
            return
        }
        #expect(try texts(all) == ["c1", "a1", "c2", "c3", "a3", "c4"])
        #expect(try texts(own) == ["a1", "a3"])
        #expect(seat.takeOrders().count == 1, "what was its own is gone, the audience's frames are still there")
    }

    @Test func `puts them into one array for a batch`() throws {
        let (frames, seat) = try table(batch: true)
        frames.append(Array("1".utf8))
        say("\"a\"", to: seat)
        frames.append(Array("2".utf8))
        _ = frames.whole()
        guard case .send(.mixed(let all, let own))? = seat.takeOrders().first else {
            Issue.record("no parcel")
            return
        }
        #expect(try texts(all) == ["[1,\"a\",2]"])
        #expect(try texts(own) == ["[\"a\"]"])
    }

    @Test func `leaves out what was said before a newcomer came`() throws {
        let (frames, seat) = try table(batch: false)
        frames.append(Array("c1".utf8))
        seat.sharedFrom = frames.position
        say("joined", to: seat)
        frames.append(Array("c2".utf8))
        guard case .send(.mixed(let all, _))? = seat.takeOrders().first else {
            Issue.record("no parcel")
            return
        }
        #expect(try texts(all) == ["joined", "c2"])
    }

    @Test func `keeps a sync apart, and what ends a socket last`() throws {
        let (frames, seat) = try table(batch: false)
        frames.append(Array("c1".utf8))
        say("sync", to: seat, isSync: true)
        frames.append(Array("c2".utf8))
        say("bye", to: seat)
        seat.own.append((frames.position, .order(.close(.rateLimited))))
        let kinds = seat.takeOrders().map { order in
            switch order {
            case .send(.shared(let frames)): "shared \((try? texts(frames)) ?? [])"
            case .send(.own(let frames)): "own \((try? texts(frames)) ?? [])"
            case .send(.mixed(let frames, _)): "mixed \((try? texts(frames)) ?? [])"
            case .send(.sync(let frame)): "sync \((try? texts(frame)) ?? [])"
            case .close: "close"
            case .joined, .rateLimited, .badMessage, .cut: "other"
            }
        }
        #expect(kinds == [#"shared ["c1"]"#, #"sync ["sync"]"#, #"mixed ["c2", "bye"]"#, "close"])
    }
}
