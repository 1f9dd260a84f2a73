import HearthLuaSyntax

/// Writes a syntax tree as text again, every function on the lines where it was.
struct SourcePrinter {
    private let chunk: LuaChunk
    private(set) var text = ""
    private var line = 1

    init(_ chunk: LuaChunk) {
        self.chunk = chunk
        block(chunk.main.block)
    }

    private mutating func put(_ words: String, at position: SyntaxPosition? = nil) {
        while let position, line < position.line {
            text += "\n"
            line += 1
        }
        text += words + " "
    }

    private func names(_ locals: [Int]) -> String { locals.map { chunk.locals[$0].name }.joined(separator: ", ") }

    private mutating func block(_ block: Block) {
        for item in block.statements { statement(item) }
    }

    private mutating func list(_ expressions: [Expression]) {
        for (place, item) in expressions.enumerated() {
            if place > 0 { put(",") }
            expression(item)
        }
    }

    private mutating func closed(_ inner: Block) {
        block(inner)
        put("end", at: inner.end)
    }

    // swift-format-ignore
    private mutating func statement(_ statement: Statement) {
        put("", at: statement.position)
        switch statement.kind {
        case .local(let locals, let values):
            put("local " + locals.map { chunk.locals[$0].name + chunk.locals[$0].attribute.written }.joined(separator: ", "))
            if !values.isEmpty { put("="); list(values) }
        case .localFunction(let local, let body): put("local function \(chunk.locals[local].name)"); function(body)
        case .assign(let targets, let values): list(targets); put("="); list(values)
        case .call(let call): expression(call)
        case .function(let target, let body):
            put("function")
            if body.isMethod, case .index(let object, let key, _) = target.kind {
                expression(object); put(": \(key.text ?? "")")
            } else {
                expression(target)
            }
            function(body)
        case .do(let inner): put("do"); closed(inner)
        case .while(let condition, let inner): put("while"); expression(condition); put("do"); closed(inner)
        case .repeat(let inner, let condition): put("repeat"); block(inner); put("until", at: inner.end); expression(condition)
        case .if(let branches, let otherwise):
            for (place, branch) in branches.enumerated() {
                put(place == 0 ? "if" : "elseif"); expression(branch.condition); put("then"); block(branch.block)
            }
            if let otherwise { put("else"); block(otherwise) }
            put("end", at: (otherwise ?? branches.last?.block)?.end)
        case .numericFor(let local, let from, let to, let step, let inner):
            put("for \(names([local])) ="); list([from, to] + (step.map { [$0] } ?? [])); put("do"); closed(inner)
        case .genericFor(let locals, let values, let inner):
            put("for \(names(locals)) in"); list(values); put("do"); closed(inner)
        case .return(let values): put("return"); list(values); put(";")
        case .break: put("break")
        case .goto(let label): put("goto \(label)")
        case .label(let label): put("::\(label)::")
        }
        if case .return = statement.kind { return }
        put(";")
    }

    private mutating func function(_ body: FunctionBody) {
        let shown = body.parameters.dropFirst(body.isMethod ? 1 : 0)
        put(
            "(" + (shown.map { chunk.locals[$0].name } + (body.isVariadic ? ["..."] : [])).joined(separator: ", ") + ")"
        )
        closed(body.block)
    }

    // swift-format-ignore
    private mutating func expression(_ expression: Expression) {
        switch expression.kind {
        case .nil: put("nil", at: expression.position)
        case .boolean(let truth): put("\(truth)", at: expression.position)
        case .vararg: put("...", at: expression.position)
        case .number(let text): put(text, at: expression.position)
        case .string(let bytes): put(Self.quoted(bytes), at: expression.position)
        case .function(let body): put("function", at: expression.position); function(body)
        case .name(let name): put(name.text, at: expression.position)
        case .index(let object, let key, let isDotted):
            self.expression(object)
            if isDotted { put(".\(key.text ?? "")") } else { put("["); self.expression(key); put("]") }
        case .call(let function, let arguments): self.expression(function); put("("); list(arguments); put(")")
        case .methodCall(let object, let method, let arguments):
            self.expression(object); put(": \(method.name) ("); list(arguments); put(")")
        case .table(let fields): put("{", at: expression.position); fields.forEach { field($0) }; put("}")
        case .unary(let operation, let operand):
            put(operation.rawValue, at: expression.position); self.expression(operand)
        case .binary(let operation, let left, let right):
            self.expression(left); put(operation.rawValue); self.expression(right)
        case .parenthesised(let inner): put("(", at: expression.position); self.expression(inner); put(")")
        }
    }

    private mutating func field(_ field: TableField) {
        switch field {
        case .item(let value): expression(value)
        case .named(let name, let position, let value):
            put("\(name) =", at: position)
            expression(value)
        case .keyed(let key, let value):
            put("[")
            expression(key)
            put("] =")
            expression(value)
        }
        put(",")
    }

    private static func quoted(_ bytes: [UInt8]) -> String {
        "\""
            + bytes.map { byte in
                let digits = String(byte)
                return "\\" + String(repeating: "0", count: 3 - digits.count) + digits
            }.joined() + "\""
    }
}

extension LocalDeclaration.Attribute {
    fileprivate var written: String {
        switch self {
        case .none: ""
        case .const: " <const>"
        case .close: " <close>"
        }
    }
}
