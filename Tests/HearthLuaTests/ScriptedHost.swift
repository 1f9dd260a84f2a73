import HearthLua

/// A host for tests: answers by closure and writes down what was asked.
final class ScriptedHost: LuaHost {
    struct Call: Equatable {
        var operation: UInt32
        var node: UInt32
        var arguments: [LuaItem]
    }

    var calls: [Call] = []
    var answer: (HostOperation?, UInt32, [LuaItem], inout LuaWriter) -> LuaStatus = { _, _, _, _ in .ok }

    func call(
        _ operation: UInt32, _ node: UInt32, _ arguments: inout LuaReader, _ reply: inout LuaWriter
    ) -> LuaStatus {
        let items = arguments.items()
        calls.append(Call(operation: operation, node: node, arguments: items))
        return answer(HostOperation(rawValue: operation), node, items, &reply)
    }
}

extension LuaReader {
    /// All heads that are left, with keys of objects as strings.
    mutating func items() -> [LuaItem] {
        var items: [LuaItem] = []
        while !isAtEnd { readOne(into: &items) }
        return items
    }

    private mutating func readOne(into items: inout [LuaItem]) {
        guard let item = try? next() else { return }
        items.append(item)
        switch item {
        case .list(let count): for _ in 0..<count { readOne(into: &items) }
        case .object(let count):
            for _ in 0..<count {
                items.append(.string((try? readKey()) ?? "?"))
                readOne(into: &items)
            }
        default: break
        }
    }
}

extension LuaVM {
    /// Runs a function within the run that asks for it, as a host does for a derived cell: its number, or its error, is the reply.
    func derive(_ function: FunctionHandle, into reply: inout LuaWriter) -> LuaStatus {
        do {
            let item = try call(
                function, run: LuaRun(now: 5, seed: 5), arguments: { $0.write(LuaNode(9, .cells)) },
                result: { reader throws(LuaFormatError) in try reader.next() })
            if case .integer(let number) = item { reply.write(number) }
            return .ok
        } catch {
            reply.write("\(error)")
            return .error
        }
    }
}

/// A VM with one file, `recipe.lua`, whose chunk returns a table of functions.
struct Bench {
    let vm: LuaVM
    let host = ScriptedHost()
    let declaration: Declaration
    var budget = LuaBudget(instructions: 2_000_000, milliseconds: 2_000)

    init(
        _ text: String, modules: [SourceFile] = [], limits: LuaLimits = .init(), prelude: SourceFile? = nil
    ) throws {
        let main = SourceFile(path: "recipe.lua", text: text)
        vm = try LuaVM(modules: [main] + modules, limits: limits, host: host, prelude: prelude)
        declaration = try vm.load(main: main)
    }

    /// Calls the function `name` with `cells` (node 1) and `ctx`.
    /// - Parameter knowsRoots: whether the VM need not ask for lasting roots that it knows.
    @discardableResult
    func run(_ name: String = "run", seed: UInt64 = 1, knowsRoots: Bool = false) throws -> [LuaItem] {
        guard let function = declaration[name].function else { return [] }
        return try vm.call(
            function.handle, run: LuaRun(now: 1_700_000_000_123, seed: seed), budget: budget,
            arguments: { writer in
                if knowsRoots { writer.writeCells(1) } else { writer.write(LuaNode(1, .cells)) }
                writer.writeContext { fields in
                    fields.beginObject(count: 2)
                    fields.writeKey("runs")
                    fields.write(Int64(1))
                    fields.writeKey("who")
                    fields.beginObject(count: 1)
                    fields.writeKey("id")
                    fields.write("ann")
                }
            },
            result: { reader in reader.items() })
    }

    /// Runs the body of a function(cells, ctx) in a fresh VM.
    static func evaluate(_ body: String) throws -> [LuaItem] {
        try Bench("return { run = function(cells, ctx) \(body) end }").run()
    }
}

extension LuaBudget {
    static let unlimited = LuaBudget(
        instructions: 0, milliseconds: 0, outputBytes: 0, memoryBytes: 0, stringBytes: 0, coroutines: 0,
        coroutineDepth: 0, patternSteps: 0)
}
