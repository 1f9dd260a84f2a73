/// The peer broke the rules of the protocol: what the close frame says.
struct Violation: Error, Equatable {
    var code: UInt16
    var reason: String

    /// RFC 6455, 7.4.1: a frame that must not be.
    static func form(_ reason: String) -> Violation { Violation(code: 1002, reason: reason) }
    /// Data that does not fit its kind.
    static func payload(_ reason: String) -> Violation { Violation(code: 1007, reason: reason) }
    static let tooLargeCode: UInt16 = 1009
    static func tooLarge(_ limit: Int) -> Violation {
        Violation(code: tooLargeCode, reason: "a message may be at most \(limit) bytes")
    }
    static let tooManyEmptyFrames = Violation(
        code: tooLargeCode, reason: "a message may have at most \(MessageUnderWay.emptyFramesMax) empty frames")
    static let binary = Violation(code: 1003, reason: "binary frames are not accepted; send JSON as text")
}
