import HTTPTypes
import Hummingbird

/// What bodies are, and what clients want them to be.
enum MediaType {
    /// - Throws: 415 for a body that says that it is no JSON, or is packed. One that says nothing is taken for JSON.
    static func check(_ request: Request) throws(Refusal) {
        if let coding = request.headers[.contentEncoding], coding.lowercased() != "identity" {
            throw .unsupported("a body is taken as it is, without Content-Encoding")
        }
        guard let type = request.headers[.contentType] else { return }
        guard isJSON(name(of: type)) else { throw .unsupported("send JSON, as Content-Type: application/json") }
    }

    /// - Throws: 406 for a client that takes no JSON.
    static func checkAccept(_ request: Request) throws(Refusal) {
        let wanted = request.headers[values: .accept].flatMap { $0.split(separator: ",") }
        guard !wanted.isEmpty, !wanted.contains(where: accepts) else { return }
        throw Refusal(statusCode: 406, code: "not_acceptable", message: "there is only application/json here")
    }

    private static func accepts(_ range: Substring) -> Bool {
        let parts = range.split(separator: ";").map { $0.lowercased().filter { $0 != " " && $0 != "\t" } }
        guard let name = parts.first else { return false }
        let isRefused = parts.contains {
            $0 == "q=0" || $0.hasPrefix("q=0.") && $0.dropFirst(4).allSatisfy { $0 == "0" }
        }
        return !isRefused && (["*/*", "application/*"].contains(name) || isJSON(name))
    }

    private static func name(of type: String) -> String {
        (type.split(separator: ";").first ?? "").lowercased().filter { $0 != " " && $0 != "\t" }
    }

    private static func isJSON(_ name: String) -> Bool {
        name == "application/json" || name.hasPrefix("application/") && name.hasSuffix("+json")
    }
}

extension Refusal {
    fileprivate static func unsupported(_ message: String) -> Refusal {
        Refusal(statusCode: 415, code: "unsupported_media_type", message: message)
    }
}
