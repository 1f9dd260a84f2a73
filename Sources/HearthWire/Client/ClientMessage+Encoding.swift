package import HearthValues

extension ClientMessage {
    /// The message as JSON, for clients. Optional fields that are absent or default are left out.
    package var json: Value {
        var object: Object = ["type": .string(type)]
        switch self {
        case .join(let fields): fields.write(into: &object)
        case .event(let fields): fields.write(into: &object)
        case .answer(let ask, let data):
            object["ask"] = .string(ask)
            object["data"] = data
        case .set(let cell, let value):
            object["cell"] = .string(cell)
            object["value"] = value
        case .auth(let token): object["token"] = .string(token)
        case .ping(let at): object["at"] = at
        case .syncRequest, .leave: break
        }
        return .object(object)
    }

    /// Appends the message as one text frame.
    package func write(into sink: inout ByteSink) { JSON.write(json, into: &sink) }
}

extension JoinFields {
    fileprivate func write(into object: inout Object) {
        object["token"] = token.map { .string($0) }
        object["resume"] = resume.map { .string($0) }
        object["since"] = since.map { .int(Int64(clamping: $0)) }
        object["epoch"] = epoch.map { .string($0) }
        object["name"] = name.map { .string($0) }
        switch state {
        case .full: break
        case .none: object["state"] = "none"
        case .cells(let cells): object["state"] = .list(List(cells.map { .string($0) }))
        }
        if batch { object["batch"] = true }
    }
}

extension EventFields {
    fileprivate func write(into object: inout Object) {
        object["id"] = .int(id)
        object["name"] = .string(name)
        if !data.isNull { object["data"] = data }
        object["basis"] = basis.map { .int(Int64(clamping: $0)) }
        if strict { object["strict"] = true }
    }
}
