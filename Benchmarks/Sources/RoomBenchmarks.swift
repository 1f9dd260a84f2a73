import Foundation
import HearthIsolation
import HearthLua
import HearthRecipes
import HearthRooms
import HearthValues

/// Whole rooms in process: Lua, transactions, facts, encoded commits; no sockets and no disk.
enum RoomBenchmarks {
    static var groups: [BenchmarkGroup] {
        let sizes = [(100, "100"), (10_000, "10k"), (1_000_000, "1M")]
        return [
            BenchmarkGroup(names: ["chat send"]) { [try send()] },
            BenchmarkGroup(names: ["chat send, price of limits"]) { [try limits()] },
            BenchmarkGroup(names: ["chat send, 50% conflicts"]) { [try conflicts()] },
            BenchmarkGroup(names: ["chat send isolated"]) { [try isolated()] },
        ]
            + sizes.map { size, label in
                BenchmarkGroup(names: ["join \(label)"]) { [try join(size, label)] }
            }
    }

    private static let batch = 256

    /// `send` of the chat recipe, 256 at a time, against the same thing done by hand in Swift.
    private static func send() throws -> Benchmark {
        let room = try sender(DrivenRoom.runtime(of: "chat"), RoomLimits())
        var messages: [Value] = []
        var sink = ByteSink()
        let data: Value = .object(["text": .string("A message of the usual length, neither long nor short.")])
        return Benchmark(
            name: "chat send", operations: batch, unit: "event", against: "append and encode, in Swift",
            work: { room.send() },
            baseline: {
                for number in 0..<batch {
                    guard case .object(var message) = data else { continue }
                    message["author"] = .string("user@session1")
                    message["at"] = .int(Int64(number))
                    messages.append(.object(message))
                    sink.clear(keepingCapacity: true)
                    JSON.write(.object(message), into: &sink)
                    keep(sink.bytes.count)
                }
            })
    }

    /// `send` of the chat recipe with every limit watched, against the same in a VM without hook and meters.
    private static func limits() throws -> Benchmark {
        let runtime = try DrivenRoom.runtime(of: "chat")
        runtime.runsWithoutLimitsToMeasureThem = true
        let room = try sender(DrivenRoom.runtime(of: "chat"), RoomLimits())
        let free = try sender(runtime, RoomLimits())
        return Benchmark(
            name: "chat send, price of limits", operations: batch, unit: "event",
            against: "the same without hook and meters", work: { room.send() }, baseline: { free.send() })
    }

    /// `send` of the chat recipe when every second commit meets a conflict and runs again, against the same without.
    private static func conflicts() throws -> Benchmark {
        let runtime = try DrivenRoom.runtime(of: "chat")
        var limits = RoomLimits()
        limits.faults = try RoomFaults("conflict=0.5")
        let room = try sender(runtime, limits)
        let plain = try sender(runtime, RoomLimits())
        return Benchmark(
            name: "chat send, 50% conflicts", operations: batch, unit: "event", against: "the same without conflicts",
            work: { room.send() }, baseline: { plain.send() })
    }

    /// `send` of the chat recipe when the recipe runs in a process of its own, against the same in this one.
    private static func isolated() throws -> Benchmark {
        let pool = WorkerPool(luaMemoryBytes: RecipeLimits().memoryBytes)
        let isolation = RecipeIsolation { (_, program: LuaProgram) throws(LuaError) in try pool.open(program) }
        let room = try sender(DrivenRoom.runtime(of: "chat", isolation: isolation), RoomLimits())
        let plain = try sender(DrivenRoom.runtime(of: "chat"), RoomLimits())
        return Benchmark(
            name: "chat send isolated", operations: batch, unit: "event", against: "the same in this process",
            work: { room.send() }, baseline: { plain.send() }, clock: CLOCK_MONOTONIC)
    }

    private struct Sender {
        let send: () -> Void
    }

    private static func sender(_ runtime: RecipeRuntime, _ limits: RoomLimits) throws -> Sender {
        let room = try DrivenRoom(
            opening: .create(id: "bench", input: .null, epoch: "bench", seed: 1), runtime: runtime, limits: limits)
        let connection = room.join(.cells(["recent", "count"]))
        var id: Int64 = 0
        let data: Value = .object(["text": .string("A message of the usual length, neither long nor short.")])
        return Sender {
            let before = room.acks
            room.send(batch, on: connection) {
                id += 1
                return Event(id: id, name: "send", data: data)
            }
            precondition(room.acks == before + batch, "\(room.acks - before) of \(batch) events were answered")
        }
    }

    /// Somebody comes who is shown the last 50 messages, and goes again; against the same in a room where nothing has been said.
    private static func join(_ size: Int, _ label: String) throws -> Benchmark {
        let runtime = try DrivenRoom.runtime(of: "chat")
        let room = try DrivenRoom.chat(messages: size, runtime: runtime)
        let empty = try DrivenRoom.chat(messages: 0, runtime: runtime)
        let shown = StateRequest.cells(["recent", "count", "here", "typing"])
        return Benchmark(
            name: "join \(label)", operations: 1, unit: "join", against: "the same in an empty room",
            work: {
                let connection = room.join(shown)
                keep(JSON.bytes(.object(room.joined ?? Object())).count)
                room.leave(connection)
            },
            baseline: {
                let connection = empty.join(shown)
                keep(JSON.bytes(.object(empty.joined ?? Object())).count)
                empty.leave(connection)
            })
    }
}
