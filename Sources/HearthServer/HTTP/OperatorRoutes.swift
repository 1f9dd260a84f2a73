import HTTPTypes
import HearthIdentity
import HearthRooms
import HearthStore
import HearthValues
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore

/// `/rooms/{room}/export` and `/rooms/{room}/console`: for whoever runs the server. They show everything in a room,
/// private cells and what events carried included.
struct OperatorRoutes: Sendable {
    let host: RoomHost
    let bodyBytesMax: Int
    /// Whether, while the server asks nobody for a token, whoever asks from its own machine counts as the operator.
    let trustsLocalCallers: Bool

    func add(to router: Router<RequestScope>) {
        router.serve(.exportRoom, export)
        router.serve(.runConsole, console)
    }

    @Sendable private func export(_ request: Request, _ scope: RequestScope) async throws -> Response {
        let room = try scope.name("room")
        try scope.caller.requireOperator(.read, in: room, trustsLocalCallers: trustsLocalCallers)
        let export = try await host.export(room)
        host.logger.notice(
            "room exported", metadata: ["room": "\(room)", "by": "\(scope.caller.name ?? scope.remote)"])
        let headers: HTTPFields = [.contentType: "application/x-ndjson", .cacheControl: "no-store"]
        return Response(
            status: .ok, headers: headers,
            body: ResponseBody { [host] writer in
                var export = export
                while let (page, rest) = try await host.page(of: export) {
                    export = rest
                    try await writer.write(ByteBuffer(bytes: page))
                }
                try await writer.finish(nil)
            })
    }

    @Sendable private func console(_ request: Request, _ scope: RequestScope) async throws -> Response {
        let room = try scope.name("room")
        let body = try await request.object(bytesMax: bodyBytesMax)
        var mayWrite = false
        switch body["write"] {
        case nil: break
        case .bool(let asked): mayWrite = asked
        default:
            throw Refusal(
                statusCode: 422, code: "invalid_data", message: "\"write\" must be true or false",
                details: ["field": "write"])
        }
        try scope.caller.requireOperator(mayWrite ? .change : .read, in: room, trustsLocalCallers: trustsLocalCallers)
        let lua = try body.text("lua")
        let by = scope.caller.name ?? scope.remote
        host.logger.notice(
            "console",
            metadata: ["room": "\(room)", "by": "\(by)", "writes": "\(mayWrite)", "remote": "\(scope.remote)"])
        if mayWrite {
            let ack = try await host.call(room, RoomConsole.call(lua, by: by))
            return answer(ack.result ?? .null, seq: ack.seq, runs: ack.runs)
        }
        let sight = try await host.look(room, lua)
        return answer(sight.result, seq: sight.seq, runs: 1)
    }

    private func answer(_ result: Value, seq: UInt64, runs: Int) -> Response {
        var answer: Object = ["seq": .int(Int64(clamping: seq))]
        answer["printed"] = result.object?["printed"] ?? .list(List())
        answer["values"] = result.object?["values"] ?? .list(List())
        if runs > 1 { answer["runs"] = .int(Int64(runs)) }
        return .json(.object(answer))
    }
}

extension Caller {
    /// For what shows or changes everything in a room.
    ///
    /// - Parameter trustsLocalCallers: whether, while nobody is asked for a token, whoever asks from the server's own machine
    ///   counts as the operator.
    /// - Throws: 401 without a token, 403 without the role `operator` and the right.
    func requireOperator(_ wish: Wish, in room: String, trustsLocalCallers: Bool) throws(Refusal) {
        if case .anyone = self, !trustsLocalCallers {
            throw .forbidden(
                "this is for the server's operator, and the server cannot tell who that is: it asks nobody for a token. "
                    + "Read its data folder instead (--data), or start it with keys for tokens or with --local-operator"
            )
        }
        try requireOperator()
        try require(wish, in: room)
    }

    /// Who it is, as its token says.
    var name: String? {
        guard case .bearer(let claims) = self else { return nil }
        return claims.subject
    }
}

extension RoomHost {
    func export(_ room: String) async throws(Refusal) -> RoomExport {
        let found = try await read { store throws(StoreError) in
            try store.record(room: room) == nil ? nil : try RoomExport(of: room, in: store)
        }
        guard let found else { throw .noRoom(room, autoCreate: library.autoCreate) }
        return found
    }

    /// The next lines of an export, and what is left of it; nil at its end.
    func page(of export: RoomExport) async throws(Refusal) -> ([UInt8], RoomExport)? {
        try await read { store throws(StoreError) in
            var export = export
            return try export.page(from: store).map { ($0, export) }
        }
    }
}
