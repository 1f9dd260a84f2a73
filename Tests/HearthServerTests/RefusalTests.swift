import Testing

@testable import HearthServer

@Suite struct `Whoever is not let in` {
    @Test func `learns why, by HTTP, and the log knows it too`() async throws {
        try await Loopback.serve({ $0.autoCreate = true }) { server in
            let refusals: [(String, [String: String], Int, String)] = [
                ("/rooms/nowhere", [:], 404, "room_not_found"),
                ("/rooms/kitchen?recipe=nosuch", [:], 404, "recipe_not_found"),
                ("/elsewhere", [:], 404, "not_found"),
                ("/rooms/a%2Fb", [:], 422, "invalid_data"),
                ("/rooms/x", ["Origin": "https://evil.example"], 403, "origin_not_allowed"),
                ("/rooms/x", ["Sec-WebSocket-Version": "8"], 426, "upgrade_required"),
                ("/rooms/x", ["Sec-WebSocket-Key": "short"], 400, "bad_upgrade"),
            ]
            for (path, fields, status, code) in refusals {
                let answer = try await server.upgrade(path, fields)
                #expect(answer.status == status && answer.code == code, "\(path): \(answer)")
                let lines = server.log.lines.filter { $0.contains("upgrade refused") && $0.contains("code=\(code)") }
                #expect(lines.count == 1, "\(server.log.lines)")
            }
            let named = try await server.upgrade("/rooms/nowhere")
            #expect(named.body.contains("nowhere") && named.body.contains("?recipe="))
        }
    }

    @Test func `from this server's own pages gets as far as the room`() async throws {
        try await Loopback.serve { server in
            let own = try await server.upgrade("/rooms/x", ["Origin": "http://127.0.0.1:\(server.port)"])
            #expect(own.code == "room_not_found")
            let plain = try await server.upgrade("/rooms/x?recipe=chat")
            #expect(plain.code == "room_not_found", "without auto-create a recipe makes no room")
        }
    }

    @Test func `asks for another protocol and is answered in HTTP`() async throws {
        try await Loopback.serve { server in
            let answer = try await server.ask("GET", "/healthz", ["Upgrade": "h2c", "HTTP2-Settings": ""])
            #expect(answer.status == 200)
        }
    }
}

@Suite struct `What a server shows by HTTP` {
    @Test(arguments: [
        ("/healthz", 200, "application/json"), ("/readyz", 200, "application/json"),
        ("/recipes", 200, "application/json"),
        ("/rooms", 200, "application/json"), ("/metrics", 200, "text/plain"), ("/", 200, "text/html"),
        ("/hearth.js", 200, "text/javascript"), ("/hearth.css", 200, "text/css"), ("/hearth.svg", 200, "image/svg+xml"),
        ("/rooms/none", 404, "application/json"), ("/nothing", 404, "application/json"),
        ("/r/nosuch/room", 404, "application/json"), ("/assets/nosuch/page.js", 404, "application/json"),
        ("/rooms?limit=many", 400, "application/json"),
    ]) func `has a status and a type`(path: String, status: Int, type: String) async throws {
        try await Loopback.serve { server in
            let answer = try await server.ask("GET", path)
            #expect(answer.status == status, "\(answer)")
            #expect(answer.head.lowercased().contains("content-type: \(type)"), "\(answer.head)")
            if status >= 400 { #expect(answer.code != nil) }
        }
    }
}
