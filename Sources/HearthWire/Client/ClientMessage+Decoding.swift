package import HearthValues

extension ClientMessage {
    /// Reads one text frame. Fields that are not known are ignored; an optional field that is `null` counts as absent.
    ///
    /// - Throws: `bad_message` when the text is not JSON, not an object, has no known `type` or a field of the wrong
    ///   type: `details.field` names the field. `invalid_link` for an object with a key `$ref` that is no link:
    ///   `details.path` says where. ``WireError/event`` is the event's id whenever it could be read.
    /// - Complexity: O(n).
    package static func decode(_ frame: UnsafeRawBufferPointer) throws(WireError) -> ClientMessage {
        let json: Value
        do throws(JSONError) {
            json = try JSON.parse(frame, links: .parsed)
        } catch {
            if case .invalidLink = error.kind { throw invalidLink(error, frame) }
            throw notJSON(error)
        }
        do throws(WireError) {
            return try decode(json)
        } catch {
            throw error.answering(json)
        }
    }

    /// Reads one text frame; as for raw bytes.
    ///
    /// - Throws: as for raw bytes.
    package static func decode(_ frame: [UInt8]) throws(WireError) -> ClientMessage {
        try frame.withUnsafeBytes { bytes in
            Result { () throws(WireError) in try decode(bytes) }
        }.get()
    }

    /// Checks the fields of a message that was read with links parsed.
    ///
    /// - Throws: as for raw bytes.
    package static func decode(_ json: Value) throws(WireError) -> ClientMessage {
        guard let object = json.object else {
            throw WireError(.badMessage, "a message is a JSON object, not a \(json.kindName)")
        }
        let fields = FieldReader(object)
        let type = try fields.string("type", typeRule)
        switch type {
        case "join": return .join(try join(fields))
        case "event": return .event(try event(fields))
        case "answer": return .answer(ask: try fields.string("ask"), data: try fields.any("data"))
        case "set": return .set(cell: try fields.cell("cell"), value: try fields.any("value"))
        case "sync_request": return .syncRequest
        case "auth": return .auth(token: try fields.string("token"))
        case "ping": return .ping(at: object["at"])
        case "leave": return .leave
        default:
            throw .badField("type", "\"type\" must be \(typeRule), not \"\(type.clipped)\"")
        }
    }

    private static let typeRule = "one of " + types.joined(separator: ", ")

    private static func join(_ fields: FieldReader) throws(WireError) -> JoinFields {
        JoinFields(
            token: try fields.optionalString("token"), resume: try fields.optionalString("resume"),
            since: try fields.optionalCount("since"), epoch: try fields.optionalString("epoch"),
            name: try fields.optionalString("name"), state: try state(fields), batch: try fields.flag("batch"))
    }

    private static func state(_ fields: FieldReader) throws(WireError) -> JoinFields.State {
        let right = "\"full\", \"none\" or a list of cell names"
        switch fields.present("state") {
        case nil, .string("full"): return .full
        case .string("none"): return .none
        case .list(let list):
            var cells: [String] = []
            for (index, element) in list.enumerated() {
                guard let cell = element.string, CellID.isValid(cell) else {
                    throw .badField("state", "\"state\" must be \(right); element \(index) is no cell name")
                }
                cells.append(cell)
            }
            return .cells(cells)
        case .string(let text)?: throw .badField("state", "\"state\" must be \(right), not \"\(text.clipped)\"")
        case let other?: throw fields.wrong("state", other, right)
        }
    }

    private static func event(_ fields: FieldReader) throws(WireError) -> EventFields {
        EventFields(
            id: try fields.eventID("id"), name: try fields.string("name"), data: fields.present("data") ?? .null,
            basis: try fields.optionalCount("basis"), strict: try fields.flag("strict"))
    }

    /// Links are refused while the text is read, before the fields are known. The text is sound JSON up to the link,
    /// so it is read again without links to find out which event the error answers.
    private static func invalidLink(_ error: JSONError, _ frame: UnsafeRawBufferPointer) -> WireError {
        let problem = WireError(
            .invalidLink, error.message, details: ["path": .string(error.pointer.description)])
        do throws(JSONError) {
            return problem.answering(try JSON.parse(frame))
        } catch { return notJSON(error) }
    }

    private static func notJSON(_ error: JSONError) -> WireError {
        WireError(.badMessage, "the message is not JSON: \(error.message)")
    }
}

extension WireError {
    /// The same error with the id of the event in `json`, if that is one.
    fileprivate func answering(_ json: Value) -> WireError {
        guard let object = json.object, object["type"] == .string("event") else { return self }
        var error = self
        error.event = try? FieldReader(object).eventID("id")
        return error
    }
}
