import HearthLua
import HearthRecipes
import HearthRooms
import HearthValues

/// Answers what a spec's Lua asks: the rooms of one spec file.
final class SpecHost: LuaHost {
    let spec: SpecRun
    private(set) var rooms: [UInt32: SimulatedRoom] = [:]
    private var lastRoom: UInt32 = 0
    /// A runtime holds nothing of any room, so all rooms of a recipe use the same.
    private var runtimes: [String: RecipeRuntime] = [:]
    var nodes: [CellNode] = []
    /// The test under way.
    private var path: [String] = []
    private var place: (file: String, line: Int) = ("", 0)
    private var isUnderWay = false

    init(_ spec: SpecRun) { self.spec = spec }

    func call(
        _ operation: UInt32, _ node: UInt32, _ arguments: inout LuaReader, _ reply: inout LuaWriter
    ) -> LuaStatus {
        do {
            if let asked = SpecOperation(operation: operation) {
                var values: [Value] = []
                while !arguments.isAtEnd { values.append(try arguments.readValue() ?? .null) }
                try answer(asked, node, SpecArguments(values), &reply)
            } else if operation == HostOperation.log.rawValue {
                spec.onPrint(try arguments.readValue()?.string ?? "")
            } else {
                try read(operation, node, &arguments, &reply)
            }
            return .ok
        } catch {
            reply.clear()
            reply.write(SpecError.text(error))
            return .error
        }
    }

    private func answer(
        _ operation: SpecOperation, _ number: UInt32, _ given: SpecArguments, _ reply: inout LuaWriter
    ) throws {
        switch operation {
        case .begin: reply.write(begin(given))
        case .finish: finish(given)
        case .open: try open(given, &reply)
        case .close: rooms[number] = nil
        case .exchange: reply.write(exchange())
        case .seed:
            if let seed = spec.options.seed { reply.write(seed) } else { reply.writeAbsent() }
            reply.write(Int64(1))
            reply.write(spec.recipeName)
        default: try answer(operation, in: try room(number), number, given, &reply)
        }
    }

    func room(_ number: UInt32) throws -> SimulatedRoom {
        guard let room = rooms[number] else {
            throw SpecError("this room was closed: it belonged to another test; open one in before_each")
        }
        return room
    }

    // MARK: - Tests

    private func begin(_ given: SpecArguments) -> Bool {
        path = given.texts(0)
        place = (given.text(1) ?? "", given.int(2) ?? 0)
        let name = path.joined(separator: " ")
        if let filter = spec.options.filter, name.firstRange(of: filter) == nil { return false }
        isUnderWay = true
        spec.onBegin(path)
        return true
    }

    /// The spec's VM crossed a limit: the test under way failed, and those after it cannot run.
    func fail(_ error: LuaError) {
        guard isUnderWay else { return }
        isUnderWay = false
        let line = error.file == spec.path ? error.line ?? place.line : place.line
        spec.onResult(
            SpecResult(
                path: path, status: .failed, file: spec.path, line: line, message: error.message,
                source: spec.line(line)))
    }

    private func finish(_ given: SpecArguments) {
        isUnderWay = false
        let status = given.text(0).flatMap(SpecResult.Status.init) ?? .failed
        let file = given.text(2) ?? place.file
        let line = given.int(3) ?? place.line
        spec.onResult(
            SpecResult(
                path: path, status: status, file: file.isEmpty ? spec.path : file, line: line, message: given.text(1),
                expected: given.text(4), actual: given.text(5),
                source: status == .failed && file == spec.path ? spec.line(line) : nil, story: given.texts(6)))
    }

    // MARK: - Rooms

    private func open(_ given: SpecArguments, _ reply: inout LuaWriter) throws {
        let name = given.text(0) ?? ""
        let runtime = try runtime(of: name)
        lastRoom += 1
        let id = given.text(1) ?? (lastRoom == 1 ? name : "\(name)-\(lastRoom)")
        let seed = given.int(3) ?? Int(spec.options.seed ?? 1)
        var limits = RoomLimits()
        spec.options.limits.apply(to: &limits)
        let room = try SimulatedRoom(
            id: id, runtime: runtime, input: given[2], seed: UInt64(bitPattern: Int64(seed)), limits: limits,
            explores: given.flag(5))
        room.tellsStory = given.flag(4)
        rooms[lastRoom] = room
        reply.write(Int64(lastRoom))
        reply.write(id)
    }

    private func runtime(of name: String) throws -> RecipeRuntime {
        if let runtime = runtimes[name] { return runtime }
        let source = try spec.recipe(name)
        let runtime = try makeRuntime(source)
        runtimes[name] = runtime
        return runtime
    }

    func makeRuntime(_ source: RecipeSource) throws -> RecipeRuntime {
        let isolation = spec.options.isolation
        do throws(RecipeError) {
            let limits = spec.options.limits.limits(of: source.name)
            guard let ledger = spec.options.ledger else {
                return try RecipeRuntime(source, limits: limits, isolation: isolation)
            }
            let runtime = try RecipeRuntime(source, limits: limits, isolation: ledger.counting(isolation))
            runtime.meter = { ledger.note($0, of: source.name, instructions: $1, outputBytes: $2) }
            return runtime
        } catch {
            throw SpecError("the recipe \"\(source.name)\" is not right: \(error.message)")
        }
    }

    /// Hands messages between rooms on.
    private func exchange() -> Bool {
        var moved = false
        for (_, room) in rooms.sorted(by: { $0.key < $1.key }) {
            var kept: [Delivery] = []
            for delivery in room.outgoing {
                guard let target = rooms.values.first(where: { $0.id == delivery.to }) else {
                    kept.append(delivery)
                    continue
                }
                target.deliver(delivery)
                moved = true
            }
            room.outgoing = kept
            for delivery in room.taken {
                rooms.values.first { $0.id == delivery.from }?.confirm(delivery)
                moved = true
            }
            room.taken = []
            for (id, sender) in room.settled { rooms.values.first { $0.id == sender }?.settle(id) }
            room.settled = []
        }
        return moved
    }
}

/// What an operation was given. What is missing or of another type is nil: the Lua side has checked what people write.
struct SpecArguments {
    private let values: [Value]

    init(_ values: [Value]) { self.values = values }

    subscript(_ place: Int) -> Value { place < values.count ? values[place] : .null }
    func text(_ place: Int) -> String? { self[place].string }
    func int(_ place: Int) -> Int? { self[place].int.map { Int($0) } }
    func flag(_ place: Int) -> Bool { self[place].bool ?? false }
    func texts(_ place: Int) -> [String] { self[place].list?.compactMap(\.string) ?? [] }
    /// What an event carries: an empty object unless something is given.
    func data(_ place: Int) -> Value { self[place].isNull ? .object(Object()) : self[place] }
}
