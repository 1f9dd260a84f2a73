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
        let (status, answer) = try await answer(method, path, query: query, body: body)
        guard (200..<300).contains(status) else {
            throw CommandFailure(Self.complaint(in: answer) ?? "\(address) did not answer as a Hearth server does.")
        }
        return answer
    }

    /// As `ask`, with the status of a refusal instead of an error.
    func answer(
        _ method: String, _ path: [String], query: [(String, String?)] = [], body: Value? = nil
    ) async throws -> (status: Int, answer: Value) {
        var request = request(method, path, query)
        if let body {
            request.httpBody = Data(JSON.bytes(body))
            request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        }
        let (data, status) = try await load(request)
        let answer = data.isEmpty ? Value.null : (try? JSON.parse(Array(data))) ?? .null
        return (status, answer)
    }

    /// A room with its whole history, as JSON lines.
    ///
    /// - Throws: `CommandFailure` with what the server said, or that it cannot be reached.
    func export(of room: String) async throws -> [[UInt8]] {
        let (data, status) = try await load(request("GET", ["rooms", room, "export"], [], seconds: 600))
        guard status == 200 else {
            let answer = (try? JSON.parse(Array(data))) ?? .null
            throw CommandFailure(Self.complaint(in: answer) ?? "\(address) did not answer as a Hearth server does.")
        }
        return data.split(separator: UInt8(ascii: "\n")).map { Array($0) }
    }

    private func request(
        _ method: String, _ path: [String], _ query: [(String, String?)], seconds: Double = 30
    ) -> URLRequest {
        var url = path.reduce(address) { $0.appending(component: $1) }
        url.append(queryItems: query.compactMap { name, value in value.map { URLQueryItem(name: name, value: $0) } })
        var request = URLRequest(url: url, timeoutInterval: seconds)
        request.httpMethod = method
        if let token = ProcessInfo.processInfo.environment["HEARTH_TOKEN"], !token.isEmpty {
            request.setValue("Bearer \(token)", forHTTPHeaderField: "Authorization")
        }
        return request
    }

    private func load(_ request: URLRequest) async throws -> (Data, Int) {
        do {
            Self.trustWhoOpenSSLTrusts()
            let (data, response) = try await URLSession.shared.data(for: request)
            return (data, (response as? HTTPURLResponse)?.statusCode ?? 0)
        } catch let error as URLError where Self.isOfCertificate(error) {
            throw CommandFailure(
                "The certificate of \(address) is not to be trusted. If its authority is your own, put the file with its "
                    + "certificate into the variable SSL_CERT_FILE.")
        } catch {
            throw CommandFailure("Nobody answers at \(address). Is the server running, and is this its address?")
        }
    }

    /// Foundation asks a variable of its own for the file of authorities; everybody else's is `SSL_CERT_FILE`.
    private static func trustWhoOpenSSLTrusts() {
        guard let file = ProcessInfo.processInfo.environment["SSL_CERT_FILE"], !file.isEmpty else { return }
        setenv("URLSessionCertificateAuthorityInfoFile", file, 0)
    }

    private static func isOfCertificate(_ error: URLError) -> Bool {
        [
            .secureConnectionFailed, .serverCertificateHasBadDate, .serverCertificateUntrusted,
            .serverCertificateHasUnknownRoot, .serverCertificateNotYetValid,
        ].contains(error.code)
    }

    static func complaint(in answer: Value) -> String? {
        guard case .object(let object) = answer, case .object(let error)? = object["error"],
            case .string(let message)? = error["message"]
        else { return nil }
        return message
    }
}
