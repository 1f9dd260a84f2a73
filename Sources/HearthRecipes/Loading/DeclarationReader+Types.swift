import HearthValues

extension DeclarationReader {
    /// Reads a type without modifiers (inside another type, or the data of a handler).
    /// - Parameter path: "cells.messages", "handlers.send.data": begins each message.
    mutating func readType(_ noted: Noted, path: String, within outer: Place) -> CellType {
        let place = place(of: noted, within: outer)
        if !noted["modifiers"].isAbsent {
            let names = (noted["modifiers"].list ?? []).compactMap { $0["name"].string }
            report("\(path): :\(names.first ?? "per")() is for cells, not for parts of them or for data", at: place)
        }
        return readBareType(noted, path: path, at: place)
    }

    mutating func readBareType(_ noted: Noted, path: String, at place: Place) -> CellType {
        guard let kind = noted.typeKind else {
            report("\(path): \(noted.title), expected a type (t.string {}, t.object {}, …)", at: place)
            return .any
        }
        let arguments = noted["arguments"]
        switch kind {
        case "any":
            _ = options(arguments, kind, path, place)
            return .any
        case "string": return readString(arguments, path, place)
        case "integer": return readInteger(arguments, path, place)
        case "number": return readNumber(arguments, path, place)
        case "boolean":
            let given = options(arguments, kind, path, place)
            return checked(.boolean(initial: nil), default: given["default"], path, place) { initial in
                guard case .bool(let truth) = initial else { return .boolean(initial: nil) }
                return .boolean(initial: truth)
            }
        case "enum": return readChoice(arguments, path, place)
        case "object", "open_object": return readObject(arguments, kind, path, place)
        case "link": return readLink(arguments["cell"], path, place)
        default: return readWrapper(arguments, kind, path, place)
        }
    }

    /// The options of a type; unknown ones are reported.
    private mutating func options(
        _ arguments: Noted, _ kind: String, _ path: String, _ place: Place
    ) -> [String: Noted] {
        let known = RecipeSurface.types.first { $0.name == kind }?.options.names ?? []
        let noted = arguments["options"]
        if noted.isAbsent { return [:] }
        guard noted.typeKind == nil, let given = noted.table else {
            let hint = known.isEmpty ? "takes no options" : "takes a table with \(known.joined(separator: ", "))"
            report("\(path): t.\(kind) \(hint), not \(noted.title)", at: place)
            return [:]
        }
        for name in given.keys.sorted() where !known.contains(name) {
            let hint =
                Spelling.nearest(to: name, among: known).map { "did you mean \($0)?" }
                ?? (known.isEmpty ? "it has none" : "options are \(known.joined(separator: ", "))")
            report("\(path): t.\(kind) has no option \(name), \(hint)", at: place)
        }
        return given
    }

    private mutating func readString(_ arguments: Noted, _ path: String, _ place: Place) -> CellType {
        let given = options(arguments, "string", path, place)
        var rule = StringRule(
            min: count(given["min"], "min", path, place), max: count(given["max"], "max", path, place))
        order(rule.min.map(Double.init), rule.max.map(Double.init), path, place)
        switch given["pattern"] ?? .absent {
        case .absent: break
        case .string(let source):
            do {
                rule.pattern = try LuaPattern(source)
            } catch {
                report("\(path): the pattern \(source) is malformed: \(error.message)", at: place)
            }
        case let other: report("\(path): pattern: \(other.title), expected a Lua pattern in a string", at: place)
        }
        return checked(.string(rule), default: given["default"], path, place) { initial in
            if case .string(let text) = initial { rule.initial = text }
            return .string(rule)
        }
    }

    private mutating func readInteger(_ arguments: Noted, _ path: String, _ place: Place) -> CellType {
        let given = options(arguments, "integer", path, place)
        var rule = IntegerRule()
        for name in ["min", "max"] {
            guard let limit = given[name], !limit.isAbsent else { continue }
            guard let number = limit.int else {
                report("\(path): \(name): \(limit.shown), expected an integer", at: place)
                continue
            }
            if name == "min" { rule.min = number } else { rule.max = number }
        }
        order(rule.min.map(Double.init), rule.max.map(Double.init), path, place)
        return checked(.integer(rule), default: given["default"], path, place) { initial in
            if case .int(let number) = initial { rule.initial = number }
            return .integer(rule)
        }
    }

    private mutating func readNumber(_ arguments: Noted, _ path: String, _ place: Place) -> CellType {
        let given = options(arguments, "number", path, place)
        var rule = NumberRule()
        for name in ["min", "max"] {
            guard let limit = given[name], !limit.isAbsent else { continue }
            guard let number = limit.number else {
                report("\(path): \(name): \(limit.title), expected a number", at: place)
                continue
            }
            if name == "min" { rule.min = number } else { rule.max = number }
        }
        order(rule.min, rule.max, path, place)
        return checked(.number(rule), default: given["default"], path, place) { initial in
            rule.initial = initial
            return .number(rule)
        }
    }

    private mutating func readChoice(_ arguments: Noted, _ path: String, _ place: Place) -> CellType {
        let given = options(arguments, "enum", path, place)
        let choices = (arguments["choices"].list ?? []).map(\.value)
        let plain = choices.compactMap { value -> Value? in
            switch value {
            case .string, .int, .double, .bool: value
            default: nil
            }
        }
        if plain.isEmpty || plain.count != choices.count {
            report("\(path): t.enum takes a list of strings, numbers or booleans: t.enum { \"a\", \"b\" }", at: place)
            return .any
        }
        var rule = ChoiceRule(plain)
        return checked(.choice(rule), default: given["default"], path, place) { initial in
            rule.initial = initial
            return .choice(rule)
        }
    }

    private mutating func readLink(_ noted: Noted, _ path: String, _ place: Place) -> CellType {
        switch noted {
        case .absent: return .link(cell: nil)
        case .string(let name):
            linked.append((name, path, place))
            return .link(cell: name)
        default:
            report("\(path): t.link takes the name of a cell, not \(noted.title)", at: place)
            return .link(cell: nil)
        }
    }

    private mutating func readWrapper(_ arguments: Noted, _ kind: String, _ path: String, _ place: Place) -> CellType {
        guard arguments["given"].bool == true else {
            report("\(path): t.\(kind) needs the type of its contents: t.\(kind)(t.string {})", at: place)
            return .any
        }
        let inner = readType(arguments["element"], path: path, within: place)
        switch kind {
        case "optional":
            _ = options(arguments, kind, path, place)
            return inner.isOptional ? inner : .optional(inner)
        default:
            let given = options(arguments, kind, path, place)
            let max = count(given["max"], "max", path, place)
            return kind == "list" ? .list(ListRule(inner, max: max)) : .map(MapRule(inner, max: max))
        }
    }

    private mutating func readObject(_ arguments: Noted, _ kind: String, _ path: String, _ place: Place) -> CellType {
        guard let given = arguments["fields"].table, arguments["fields"].typeKind == nil else {
            report("\(path): t.\(kind) takes its fields: t.\(kind) { name = t.string {} }", at: place)
            return .any
        }
        var fields: [(name: String, type: CellType)] = []
        for name in given.keys.sorted() {
            if ReservedNames.fields.contains(name) {
                report(
                    "\(path).\(name): a field cannot be called \(name): that is the method :\(name)() of every object;"
                        + " choose another name",
                    at: self.place(of: given[name] ?? .absent, within: place))
            }
            fields.append((name, readType(given[name] ?? .absent, path: "\(path).\(name)", within: place)))
        }
        return .object(ObjectType(fields, isOpen: kind == "open_object"))
    }

    /// A limit of a length.
    private mutating func count(_ noted: Noted?, _ name: String, _ path: String, _ place: Place) -> Int? {
        guard let noted, !noted.isAbsent else { return nil }
        if let number = noted.int, number >= 0 { return Int(number) }
        report("\(path): \(name): \(noted.shown), expected an integer from 0", at: place)
        return nil
    }

    private mutating func order(_ min: Double?, _ max: Double?, _ path: String, _ place: Place) {
        guard let min, let max, min > max else { return }
        report("\(path): min \(min.plain) is above max \(max.plain): nothing fits", at: place)
    }

    /// A default must fit its own type.
    private mutating func checked(
        _ type: CellType, default noted: Noted?, _ path: String, _ place: Place, with body: (Value) -> CellType
    ) -> CellType {
        guard let noted, !noted.isAbsent else { return type }
        guard let value = noted.value else {
            report("\(path): default: \(noted.title), expected \(type.title)", at: place)
            return type
        }
        do {
            return body(try type.accept(value))
        } catch {
            report("\(path): default: \(error.message)", at: place)
            return type
        }
    }
}

/// Names that fields of declared objects cannot have.
enum ReservedNames {
    /// The methods of objects: `cells.user.get` would be the method and never the field.
    static let fields: Set<String> = ["get", "set", "update", "key", "snapshot", "exists", "delete"]
}
