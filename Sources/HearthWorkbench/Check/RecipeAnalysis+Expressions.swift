import HearthLua
import HearthLuaSyntax
import HearthRecipes

extension RecipeAnalysis {
    /// What an expression stands for; reports what is wrong in it.
    func meaning(of expression: Expression) -> Meaning {
        switch expression.kind {
        case .name(let name):
            guard case .local(let local) = name.binding else { return .unknown }
            return locals[current.file][local] ?? .unknown
        case .index(let object, let key, _):
            if key.text == nil { _ = meaning(of: key) }
            noteDataRead(object, key)
            if isLoading, case .loaded = meaning(of: object) { return .unknown }
            return member(of: meaning(of: object), key, isDotted: false)
        case .call(let function, let arguments): return call(function, arguments, at: expression.position)
        case .methodCall(let object, let method, let arguments): return methodCall(object, method, arguments)
        case .function(let body):
            enclose(body)
            return .function(FunctionKey(file: current.file, id: body.id))
        case .parenthesised(let inner): return meaning(of: inner)
        case .binary(let operation, let left, let right):
            let (first, second) = (meaning(of: left), meaning(of: right))
            switch operation {
            // `a and b`, `a or b` are one of the two.
            case .and: return second
            case .or: return first.key == second.key ? first : .unknown
            case .concat: return .text
            case .add, .subtract, .multiply, .divide, .floorDivide, .modulo, .power: return .number
            default: return .unknown
            }
        case .unary(let operation, let operand):
            _ = meaning(of: operand)
            return operation == .length || operation == .negate ? .number : .unknown
        case .table(let fields):
            for field in fields {
                if case .named(let name, _, let value) = field { noteTimeAsID(field: name, value) }
                for inner in field.expressions { escape([meaning(of: inner)]) }
            }
            return .unknown
        case .string: return .text
        case .number: return .number
        case .nil, .boolean, .vararg: return .unknown
        }
    }

    private func noteTimeAsID(field: String, _ value: Expression) {
        guard !isLoading, field == "id" || field == "key" || field.hasSuffix("_id"), isMadeFromTime(value) else {
            return
        }
        report(
            .timeAsID, at: value.start, "\(field) is made from the time: two events in one millisecond get the same",
            "use ctx.id(): it is unique, and the same on a re-run")
    }

    func escape(_ meanings: [Meaning]) {
        for case .cells in meanings { cellsEscape = true }
    }

    // MARK: - Members

    /// What stands under a key.
    /// - Parameter isDotted: it is written to, so that methods are no answer.
    func member(of owner: Meaning, _ key: Expression, isDotted isWritten: Bool) -> Meaning {
        switch owner {
        case .cells: return cell(key)
        case .context: return contextMember(key)
        case .participant: return closed(key, ["id", "name", "roles", "session"], of: "a participant", .unknownContext)
        case .conflict:
            return closed(
                key, ["cell", "path", "expected", "actual", "by", "seq"], of: "ctx.conflict", .unknownContext)
        case .part(let path, let type): return part(key, of: path, type, isWritten: isWritten)
        case .plain(let path, let type): return plain(key, of: path, type)
        case .many(let name, let type): return key.text == nil ? .part("cells.\(name)[…]", type) : .unknown
        case .derived: return .derived
        case .unknown, .module, .loaded, .function, .number, .text: return .unknown
        }
    }

    /// Remembers `data.FIELD` for handlers that have no schema.
    private func noteDataRead(_ object: Expression, _ key: Expression) {
        guard case .name(let name) = object.kind, case .local(let local) = name.binding, let field = key.text,
            let body = body(at: current), body.parameters.count > 1, body.parameters[1] == local,
            !(dataReads[current] ?? []).contains(field)
        else { return }
        dataReads[current, default: []].append(field)
    }

    private func closed(_ key: Expression, _ names: [String], of owner: String, _ code: Finding.Code) -> Meaning {
        guard let name = key.text, !names.contains(name) else { return .unknown }
        report(code, at: key.position, "\(owner) has no \(name)", Self.hint(name, names))
        return .unknown
    }

    static func hint(_ name: String, _ names: [String], prefix: String = "") -> String {
        Spelling.nearest(to: name, among: names).map { "did you mean \(prefix)\($0)?" }
            ?? (names.isEmpty
                ? "there are none"
                : "there \(names.count == 1 ? "is only" : "are") \(names.sorted().joined(separator: ", "))")
    }

    private func cell(_ key: Expression) -> Meaning {
        guard let name = key.text else {
            cellsEscape = true
            return .unknown
        }
        usedCells.insert(name)
        guard let recipe else { return .unknown }
        if recipe.derivedNames.contains(name) {
            derivedReads[current, default: []].insert(name)
            return .derived
        }
        guard let cell = recipe.cells[name] else {
            let names = Array(recipe.cells.keys) + recipe.derivedNames
            report(
                .unknownCell, at: key.position, "no cell is called \(name)", Self.hint(name, names, prefix: "cells."))
            return .unknown
        }
        return cell.scope == .many ? .many(name, cell.type) : followed("cells.\(name)", cell.type)
    }

    private func contextMember(_ key: Expression) -> Meaning {
        guard let name = key.text else { return .unknown }
        switch name {
        case "who": return .participant
        case "conflict": return .conflict
        case "now", "runs": return .number
        case "room": return .unknown
        default: break
        }
        let functions = HostSurface.functions.filter { $0.receivers.contains(.context) }.map(\.name)
        guard !functions.contains(name) else { return .unknown }
        report(
            .unknownContext, at: key.position, "ctx has no \(name)",
            Self.hint(name, functions + HostSurface.contextFields.map(\.name), prefix: "ctx."))
        return .unknown
    }

    /// Through links to what they lead to.
    func followed(_ path: String, _ type: CellType) -> Meaning {
        switch type.required {
        case .link(let cell):
            guard let cell, let target = recipe?.cells[cell] else { return .unknown }
            if case .link = target.type.required { return .unknown }
            return .part("cells.\(cell)", target.type)
        case .any: return .unknown
        default: return .part(path, type)
        }
    }

    private func part(_ key: Expression, of path: String, _ type: CellType, isWritten: Bool) -> Meaning {
        let name = key.text
        switch type.required {
        case .object(let object):
            guard let name else { return .unknown }
            if let field = object[name] { return followed("\(path).\(name)", field) }
            if object.isOpen || !isWritten && Self.methods(of: type).contains(name) { return .unknown }
            report(
                .unknownField, at: key.position, "\(path) has no field \(name)",
                Self.hint(name, object.fields.map(\.name)))
            return .unknown
        case .map(let rule): return followed(path + "[…]", rule.element)
        case .list(let rule):
            guard let name, Self.methods(of: type).contains(name) == false else {
                return name == nil ? followed(path + "[…]", rule.element) : .unknown
            }
            report(
                .unknownField, at: key.position, "\(path) is a list and has no field \(name)",
                "its items are numbered from 1: \(path)[1]")
            return .unknown
        default: return .unknown
        }
    }

    private func plain(_ key: Expression, of path: String, _ type: CellType) -> Meaning {
        switch type.required {
        case .object(let object):
            guard let name = key.text else { return .unknown }
            if let field = object[name] { return .plain("\(path).\(name)", field) }
            if !object.isOpen {
                report(
                    .unknownField, at: key.position, "\(path) has no field \(name): its schema lets none through",
                    Self.hint(name, object.fields.map(\.name)))
            }
            return .unknown
        case .map(let rule): return .plain(path + "[…]", rule.element)
        case .list(let rule): return key.text == nil ? .plain(path + "[…]", rule.element) : .unknown
        default: return .unknown
        }
    }

    /// The methods that a value of this type has.
    static func methods(of type: CellType) -> [String] {
        HostSurface.functions.filter { function in
            switch type.required {
            case .list: function.receivers.contains(.value) || function.receivers.contains(.list)
            case .integer, .number: function.receivers.contains(.value) || function.receivers.contains(.scalar)
            default: function.receivers.contains(.value)
            }
        }.map(\.name)
    }
}
