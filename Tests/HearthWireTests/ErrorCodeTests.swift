import HearthWire
import Testing

@Suite struct `Codes` {
    @Test func `of errors are retryable where the protocol says so`() {
        let retryable = WireErrorCode.onSocket.filter(\.isRetryable).map(\.text)
        #expect(retryable == ["conflict", "rate_limited", "storage_unavailable"])
        #expect(WireErrorCode.onSocket.count == 13)
        #expect(!WireErrorCode("new_code").isRetryable)
        #expect(WireError(.rateLimited, "").retryable)
    }

    @Test func `of errors close the socket where the protocol says so`() {
        #expect(WireErrorCode.badMessage.closing == .after(count: 10, seconds: 60, .badMessages))
        #expect(WireErrorCode.rateLimited.closing == .after(count: 100, seconds: 60, .tooManyMessages))
        #expect(WireErrorCode.roomClosed.closing == .atOnce(.roomClosed))
        #expect(WireErrorCode.conflict.closing == .never)
    }

    @Test func `of closing are those of the protocol and say why`() {
        #expect(
            CloseCode.allCases.map(\.rawValue)
                == [1000, 1001, 1003, 1007, 1009, 1011, 1012, 4400, 4401, 4403, 4408, 4409, 4410, 4429])
        #expect(CloseCode.allCases.allSatisfy { !$0.reason.isEmpty && $0.reason.utf8.count <= 123 })
        #expect(CloseCode.restarting.mayReconnect)
        #expect(!CloseCode.replaced.mayReconnect)
    }
}
