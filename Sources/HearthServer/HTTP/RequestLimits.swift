import NIOCore
import NIOHTTP1

/// What one HTTP request may take.
struct RequestLimits: Sendable {
    /// Bytes of a body. More: 413.
    var bodyBytesMax = 1 << 20
    /// From the connection's beginning until the head of its first request is there. Longer: 408.
    var headTimeout = TimeAmount.seconds(20)
    /// From a request's head until its body is there. Longer: 408.
    var bodyTimeout = TimeAmount.seconds(60)
    /// How long a connection may stay on without a request, or its client take nothing of an answer.
    var idleTimeout = TimeAmount.seconds(60)
    /// How long a client that was refused may take to go.
    var closeTimeout = TimeAmount.seconds(1)

    init() {}

    /// What is wrong with a request, as far as its head shows it.
    func refusal(of head: HTTPRequestHead) -> Refusal? {
        if head.version == .http1_1, head.headers["host"].count != 1 { return .noRequest("it needs one Host field") }
        if let length = head.headers.first(name: "content-length").flatMap(Int.init), length > bodyBytesMax {
            return .tooLarge(bodyBytesMax)
        }
        return nil
    }
}

extension Refusal {
    static func tooLarge(_ bytesMax: Int) -> Refusal {
        Refusal(
            statusCode: 413, code: "too_large", message: "the body of a request may be at most \(bytesMax) bytes",
            limit: .messageBytes)
    }

    static func noRequest(_ cause: String) -> Refusal {
        Refusal(statusCode: 400, code: "bad_request", message: "this is no HTTP/1.1 request: \(cause)")
    }

    static let headTooLarge = Refusal(
        statusCode: 431, code: "too_large", message: "the head of a request may be at most 80 KiB")

    static func tooSlow(_ limit: ServerLimit, _ time: TimeAmount) -> Refusal {
        let part = limit == .headerTime ? "head" : "body"
        return Refusal(
            statusCode: 408, code: "request_timeout",
            message: "the \(part) of the request did not arrive within \(time.nanoseconds / 1_000_000_000) s",
            limit: limit)
    }
}
