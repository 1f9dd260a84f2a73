import HearthLuaSyntax
import HearthRecipes

/// Code that takes for granted what need not be there.
extension RecipeAnalysis {
    /// What somebody who leaves has never done, is not in the map: whoever only looked on has no seat.
    ///
    /// Nobody is told when such a function fails, and what it should have done is not done.
    func reportUnguarded(in key: FunctionKey, _ slot: String) {
        guard let body = body(at: key) else { return }
        current = key
        var guarded = body.conditions
        var reported: Set<String> = []
        body.block.walk { statement in
            // What is written there first is there.
            if case .assign(let targets, _) = statement.kind { guarded += targets }
        }
        body.block.walkExpressions { expression in
            let object: Expression
            switch expression.kind {
            case .index(let inner, _, _): object = inner
            case .methodCall(let inner, _, _): object = inner
            default: return
            }
            guard let (spelled, element) = self.maybeNothing(object), !guarded.contains(where: { $0.mentions(object) }),
                reported.insert(spelled).inserted
            else { return }
            self.report(
                .unguarded, at: expression.start,
                "\(spelled) is nil for whoever has nothing there: \(slot) then fails, nobody is told, and the rest of it is not"
                    + " done",
                element == spelled
                    ? "local found = \(spelled) if not found then return end" : "if not \(spelled) then return end")
        }
    }

    /// An element of a map by a key that is not written out, or a local that holds one.
    private func maybeNothing(_ expression: Expression) -> (spelled: String, element: String)? {
        switch expression.kind {
        case .name(let name):
            guard case .local(let local) = name.binding, let element = elements[current.file][local] else { return nil }
            return (name.text, element)
        default: return element(expression).map { ($0, $0) }
        }
    }

    /// `cells.seats[…]`, when `seats` is a map and the key is not written out.
    func element(_ expression: Expression) -> String? {
        guard case .index(let object, let key, _) = expression.bare.kind, key.text == nil,
            case .part(let path, let type) = quietly({ meaning(of: object) }), case .map = type.required
        else { return nil }
        return "\(path)[\(key.spelling ?? "…")]"
    }
}

extension FunctionBody {
    /// What is asked for in it: conditions, and what stands beside `and`, `or` and `not`.
    fileprivate var conditions: [Expression] {
        var found: [Expression] = []
        block.walk { statement in
            switch statement.kind {
            case .if(let branches, _): found += branches.map(\.condition)
            case .while(let condition, _), .repeat(_, let condition): found.append(condition)
            default: break
            }
        }
        block.walkExpressions { expression in
            switch expression.kind {
            case .binary(let operation, let left, let right) where operation == .and || operation == .or:
                found += [left, right]
            case .unary(.not, let operand): found.append(operand)
            case .call(let function, let arguments) where function.globalName == "assert": found += arguments
            default: break
            }
        }
        return found
    }
}

extension Expression {
    /// Whether the same local, or the same element, is in it.
    fileprivate func mentions(_ other: Expression) -> Bool {
        contains { inner in
            switch (inner.kind, other.kind) {
            case (.name(let mine), .name(let theirs)): mine.binding == theirs.binding && mine.text == theirs.text
            case (.index(let mine, let key, _), .index(let theirs, let other, _)):
                mine.spelling == theirs.spelling && key.spelling == other.spelling
            default: false
            }
        }
    }
}
