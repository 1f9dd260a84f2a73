import Foundation
import HearthValues

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// A running server, by its HTTP interface.
struct RoomServer {
    let address: URL

    init(_ address: URL) {
        self.address = address
    }

    /// - Parameters:
    ///   - path: from the root; its parts must be free of `/`, `?` and `#`.
    ///   - query: pairs whose value is nil are left out.
    /// - Throws: `CommandFailure` with what the server said, or that it cannot be reached.
    @discardableResult
    func ask(
        _ method: String = "GET", _ path: [String], query: [(String, String?)] = [], body: Value? = nil
    ) async throws -> Value {
        var url = path.reduce(address) { $0.appending(component: $1) }
        url.append(queryItems: query.compactMap { name, value in value.map { URLQueryItem(name: name, value: $0) } })
        var request = URLRequest(url: url, timeoutInterval: 30)
        request.httpMethod = method
        if let token = ProcessInfo.processInfo.environment["HEARTH_TOKEN"], !token.isEmpty {
            request.setValue("Bearer \(token)", forHTTPHeaderField: "Authorization")
        }
        if let body {
            request.httpBody = Data(JSON.bytes(body))
            request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        }
        let (data, response) = try await load(request)
        let answer = data.isEmpty ? Value.null : (try? JSON.parse(Array(data))) ?? .null
        guard let status = (response as? HTTPURLResponse)?.statusCode, (200..<300).contains(status) else {
            throw CommandFailure(Self.complaint(in: answer) ?? "\(address) did not answer as a Hearth server does.")
        }
        return answer
    }

    private func load(_ request: URLRequest) async throws -> (Data, URLResponse) {
        do {
            return try await URLSession.shared.data(for: request)
        } catch {
            throw CommandFailure("Nobody answers at \(address). Is the server running, and is this its address?")
        }
    }

    private static func complaint(in answer: Value) -> String? {
        guard case .object(let object) = answer, case .object(let error)? = object["error"],
            case .string(let message)? = error["message"]
        else { return nil }
        return message
    }
}
