extension Patch {
    /// Reads a JSON patch. Members that are not known are ignored.
    ///
    /// - Throws: `malformed` when it is not a list of objects with the members that their `op` needs,
    ///   `unknownOperation` for an `op` other than add, remove, replace and test.
    package init(json: Value) throws(PatchError) {
        guard let list = json.list else {
            throw .malformed(index: nil, "a patch is a list of operations, not a \(json.kindName)")
        }
        operations = []
        operations.reserveCapacity(list.count)
        for (index, element) in list.enumerated() { operations.append(try Self.operation(element, index)) }
    }

    private static func operation(_ json: Value, _ index: Int) throws(PatchError) -> PatchOperation {
        guard let object = json.object else {
            throw .malformed(index: index, "an operation is an object, not a \(json.kindName)")
        }
        guard let name = object["op"]?.string else { throw .malformed(index: index, "\"op\" must be a string") }
        guard let text = object["path"]?.string else { throw .malformed(index: index, "\"path\" must be a string") }
        let pointer: Pointer
        do { pointer = try Pointer(parsing: text) } catch { throw .malformed(index: index, error.message) }
        if name == "remove" { return .remove(pointer) }
        guard ["add", "replace", "test"].contains(name) else { throw .unknownOperation(index: index, name) }
        guard let value = object["value"] else { throw .malformed(index: index, "\"\(name)\" needs a \"value\"") }
        switch name {
        case "add": return .add(pointer, value)
        case "replace": return .replace(pointer, value)
        default: return .test(pointer, value)
        }
    }

    /// The patch as a JSON value.
    package var json: Value {
        .list(
            List(
                operations.map { operation in
                    var object: Object = [
                        "op": .string(operation.name), "path": .string(operation.pointer.description),
                    ]
                    if let value = operation.value { object["value"] = value }
                    return .object(object)
                }))
    }

    /// Writes the canonical JSON text, the same bytes as writing ``json``.
    package func write(into sink: inout ByteSink) {
        sink.append(UInt8(ascii: "["))
        for (index, operation) in operations.enumerated() {
            if index > 0 { sink.append(UInt8(ascii: ",")) }
            operation.write(into: &sink)
        }
        sink.append(UInt8(ascii: "]"))
    }
}

extension PatchOperation {
    /// Writes the canonical JSON text.
    package func write(into sink: inout ByteSink) {
        switch self {
        case .add: sink.append("{\"op\":\"add\",\"path\":" as StaticString)
        case .remove: sink.append("{\"op\":\"remove\",\"path\":" as StaticString)
        case .replace: sink.append("{\"op\":\"replace\",\"path\":" as StaticString)
        case .test: sink.append("{\"op\":\"test\",\"path\":" as StaticString)
        }
        sink.appendJSONString(pointer)
        if let value {
            sink.append(",\"value\":" as StaticString)
            JSON.write(value, into: &sink)
        }
        sink.append(UInt8(ascii: "}"))
    }
}
