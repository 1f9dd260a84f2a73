import HTTPTypes
import HearthRecipes
import HearthRooms
import HearthStore
import HearthValues
import Hummingbird

/// `/rooms…` of PROTOCOL.md's table.
struct RoomRoutes: Sendable {
    let host: RoomHost
    let bodyBytesMax: Int

    func add(to router: Router<RequestScope>) {
        router.serve(.listRooms, list)
        router.serve(.createRoom, create)
        router.serve(.showRoom, show)
        router.serve(.deleteRoom, delete)
        router.serve(.showCells, cells)
        router.serve(.showCell, cell)
        router.serve(.listCommits, commits)
        router.serve(.sendEvent, event)
        router.serve(.enterParty) { _, _ in
            throw Refusal.upgradeRequired(
                "a party is spoken to over a WebSocket, asked for in a connection's first request")
        }
    }

    @Sendable private func list(_ request: Request, _ scope: RequestScope) async throws -> Response {
        let limit = try request.limit()
        let recipe = request.query("recipe")
        let after = request.query("after")
        let records = try await host.read { store throws(StoreError) in
            try store.rooms(recipe: recipe, after: after, limit: limit + 1)
        }
        let rooms = records.prefix(limit).filter { scope.caller.maySee($0.id) }.map { record -> Value in
            [
                "id": .string(record.id), "recipe": .string(record.recipe), "seq": .int(Int64(record.seq)),
                "created_at": .int(record.createdAt), "updated_at": .int(record.updatedAt),
            ]
        }
        let next: Value = records.count > limit ? .string(records[limit - 1].id) : .null
        return .json(["rooms": .list(List(rooms)), "next": next])
    }

    @Sendable private func create(_ request: Request, _ scope: RequestScope) async throws -> Response {
        let body = try await request.object(bytesMax: bodyBytesMax)
        let room = try body.text("id")
        guard RoomName.isValid(room) else { throw Refusal.badRoomName(room) }
        try scope.caller.require(.make, in: room)
        if host.isDraining { throw Refusal.shuttingDown }
        let recipe = try body.text("recipe")
        var key: CallKey?
        if let text = try request.idempotencyKey().map({ scope.caller.own($0) }) {
            let asked = CallKey(.creation, text, request: JSON.bytes(.object(body)))
            guard host.creationKeys.admit(text, asked) else { throw Refusal(.keyReused) }
            key = asked
        }
        let made = try await host.create(room, recipe: recipe, input: body["input"] ?? .null, key: key)
        let answer = summary(made.id, epoch: made.epoch, seq: made.seq, made.recipe)
        var response = Response.json(.object(answer), status: .created)
        response.headers[.location] = "/rooms/\(room.percentEncoded)"
        return response
    }

    @Sendable private func show(_ request: Request, _ scope: RequestScope) async throws -> Response {
        if request.headers[.upgrade] != nil {
            throw Refusal.upgradeRequired("a WebSocket upgrade must be the first request of its connection")
        }
        let description = try await host.describe(scope.room(.read))
        var body = summary(description.id, epoch: description.epoch, seq: description.seq, description.recipe)
        body["participants"] = .list(List(description.participants.map(Self.participant)))
        body["sessions"] = .int(Int64(description.sessions))
        body["cells"] = .object(description.cells)
        body["stats"] = description.stats.json
        return .json(.object(body))
    }

    private func summary(_ id: String, epoch: String, seq: UInt64, _ recipe: RecipeStamp) -> Object {
        [
            "id": .string(id), "epoch": .string(epoch), "seq": .int(Int64(seq)),
            "recipe": [
                "name": .string(recipe.name), "version": .int(recipe.version), "hash": .string(recipe.hash),
            ],
        ]
    }

    private static func participant(_ participant: Participant) -> Value {
        [
            "id": .string(participant.id), "name": participant.name.map { .string($0) } ?? .null,
            "roles": .list(List(participant.roles.map { .string($0) })),
        ]
    }

    @Sendable private func delete(_ request: Request, _ scope: RequestScope) async throws -> Response {
        try await host.delete(scope.room(.delete))
        return Response(status: .noContent)
    }

    // MARK: - Cells

    @Sendable private func cells(_ request: Request, _ scope: RequestScope) async throws -> Response {
        let state = try await state(request, scope)
        if isKnown(request, state.tag) { return notModified(state.tag) }
        return .json(["seq": .int(Int64(state.seq)), "cells": .object(state.cells)], etag: state.tag)
    }

    @Sendable private func cell(_ request: Request, _ scope: RequestScope) async throws -> Response {
        let state = try await state(request, scope)
        let id = try scope.name("cell")
        guard let value = state.cells[id] else {
            throw Refusal(
                statusCode: 404, code: "cell_not_found", message: "the room has no cell \"\(id)\" that you may see")
        }
        if isKnown(request, state.tag) { return notModified(state.tag) }
        return .json(value, etag: state.tag)
    }

    /// What everyone may see, now or as of `?at=`.
    private func state(_ request: Request, _ scope: RequestScope) async throws -> ShownState {
        let room = try scope.room(.read)
        if let seq = try request.count("at") {
            return ShownState(seq: seq, cells: try await host.cells(of: room, at: seq), passing: Object())
        }
        let description = try await host.describe(room)
        return ShownState(
            seq: description.seq, cells: description.cells, passing: host.library.passingCells(of: description))
    }

    private func isKnown(_ request: Request, _ known: String) -> Bool {
        guard let field = request.headers[.ifNoneMatch] else { return false }
        return field.split(separator: ",").contains { tag in
            let tag = tag.drop { $0 == " " }
            return tag == "*" || tag == "\"\(known)\"" || tag == "W/\"\(known)\""
        }
    }

    private func notModified(_ tag: String) -> Response {
        Response(status: .notModified, headers: [.eTag: "\"\(tag)\""])
    }

    // MARK: - Commits and events

    @Sendable private func commits(_ request: Request, _ scope: RequestScope) async throws -> Response {
        let room = try scope.room(.read)
        let since = try request.count("since") ?? 0
        let limit = try request.limit()
        let found = try await host.commits(of: room, since: since, limit: limit + 1)
        let commits = found.prefix(limit).map { commit -> Value in
            [
                "seq": .int(Int64(commit.seq)), "at": .int(commit.at), "by": commit.by.map { .string($0) } ?? .null,
                "event": commit.event.map { .string($0) } ?? .null, "patch": commit.patch.json,
            ]
        }
        let next: Value = found.count > limit ? .int(Int64(found[limit - 1].seq)) : .null
        return .json(["commits": .list(List(commits)), "next": next])
    }

    @Sendable private func event(_ request: Request, _ scope: RequestScope) async throws -> Response {
        let room = try scope.name("room")
        let body = try await request.object(bytesMax: bodyBytesMax)
        let key = try request.idempotencyKey()
        let name = try body.text("name")
        try scope.caller.require(.run(handler: name), in: room)
        let call = ServerCall(
            name: name, data: body["data"] ?? .null, key: key.map { scope.caller.own($0) },
            isTrusted: scope.caller.isTrusted(in: room))
        let ack = try await host.call(room, call)
        var answer: Object = ["seq": .int(Int64(ack.seq))]
        if let result = ack.result { answer["result"] = result }
        if ack.runs > 1 { answer["runs"] = .int(Int64(ack.runs)) }
        return .json(.object(answer))
    }
}

extension RoomStats {
    fileprivate var json: Value {
        let counts = [
            ("events", events), ("commits", commits), ("conflicts", conflicts), ("reruns", reruns),
            ("reattached", reattached), ("lost_bindings", lostBindings), ("merges", merges), ("waits", waits),
            ("failures", failures),
        ]
        return .object(Object(counts.map { (key: $0, value: .int(Int64($1))) }))
    }
}

extension String {
    /// Fit for one segment of a path.
    var percentEncoded: String {
        var result = ""
        for byte in utf8 {
            let scalar = Unicode.Scalar(byte)
            if scalar.properties.isAlphabetic && byte < 0x80 || (0x30...0x39).contains(byte)
                || "-._~".utf8.contains(byte)
            {
                result.unicodeScalars.append(scalar)
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                result += "%" + (digits.count < 2 ? "0" : "") + digits
            }
        }
        return result
    }
}

extension Router<RequestScope> {
    /// Serves a call where the table of calls says it is.
    func serve(
        _ call: HTTPCall, _ body: @escaping @Sendable (Request, RequestScope) async throws -> Response
    ) {
        on(RouterPath(call.path), method: call.method) { request, scope in
            if call.isJSON { try MediaType.checkAccept(request) }
            return try await body(request, scope)
        }
    }
}
