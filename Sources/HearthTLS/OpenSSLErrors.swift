internal import COpenSSL

/// OpenSSL's errors of this thread, taken off its queue.
enum OpenSSLErrors {
    /// What went wrong first; the queue is empty afterwards, so that nobody takes it for his own later.
    static func take() -> (reason: Int32, text: String) {
        let code = ERR_get_error()
        ERR_clear_error()
        guard code != 0 else { return (0, "unknown reason") }
        let text = ERR_reason_error_string(code).map { String(cString: $0) } ?? "error \(code)"
        return (ERR_GET_REASON(code), text)
    }
}
