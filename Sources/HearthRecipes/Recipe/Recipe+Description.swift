package import HearthValues

extension Recipe {
    /// What `GET /recipes/{name}` answers: cells and handlers with their JSON Schemas.
    package var description: Value {
        var object = Object()
        object["name"] = .string(name)
        object["version"] = .int(version)
        object["hash"] = .string(hash)
        object["about"] = .string(about)
        object["cells"] = .object(Object.gather(cells) { $0.description })
        object["derived"] = .list(List(derivedNames.sorted().map { .string($0) }))
        object["handlers"] = .object(Object.gather(handlers) { $0.description })
        object["messages"] = .list(List(messages.keys.sorted().map { .string($0) }))
        object["parties"] = .list(List(parties.map { .string($0) }))
        return .object(object)
    }
}

extension CellDeclaration {
    fileprivate var description: Value {
        var object = Object()
        object["schema"] = type.jsonSchema
        object["scope"] = .string(scope.title)
        if isEphemeral { object["ephemeral"] = .bool(true) }
        if isPrivate { object["private"] = .bool(true) }
        object["read"] = readRole.map { .string($0) }
        return .object(object)
    }
}

extension CellDeclaration.Scope {
    fileprivate var title: String {
        switch self {
        case .room: "room"
        case .session: "session"
        case .user: "user"
        case .many: "many"
        }
    }
}

extension HandlerDeclaration {
    fileprivate var description: Value {
        var object = Object()
        object["data"] = (data ?? .any).jsonSchema
        object["max_runs"] = .int(Int64(maxRuns))
        switch allow {
        case .anyone: break
        case .roles(let roles): object["allow"] = .list(List(roles.map { .string($0) }))
        case .function: object["allow"] = .string("function")
        }
        if let rate {
            object["rate"] = .object(["events": .int(Int64(rate.events)), "seconds": .double(rate.seconds)])
        }
        return .object(object)
    }
}

extension Object {
    fileprivate static func gather<Item>(_ items: [String: Item], _ body: (Item) -> Value) -> Object {
        var object = Object()
        for (name, item) in items { object[name] = body(item) }
        return object
    }
}
