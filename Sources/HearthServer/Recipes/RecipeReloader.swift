import Dispatch
import Foundation
import HearthRecipes
import HearthRooms
import HearthValues
import Logging

/// Takes up new versions of recipes: reads, loads and checks them on a queue of its own, where nobody waits for it, and
/// then has each event loop swap its rooms. Safe from every thread.
final class RecipeReloader: Sendable {
    /// Who wants a recipe reloaded, and how far.
    struct Request: Sendable {
        /// Only this recipe; nil: all whose files changed.
        var name: String?
        /// For people: an address, a signal, "files".
        var by: String
        var cause: RecipeArchive.Record.Cause
        /// Only this room is to take it.
        var canary: String?
        /// Looks, and changes nothing.
        var isTrial = false
    }

    private let host: RoomHost
    private let folder: String
    private let archive: RecipeArchive?
    private let logger: Logger
    private let onReload: @Sendable (RecipeReloadResult) -> Void
    private let queue = DispatchQueue(label: "hearth.recipes")
    /// How long rooms may take before the answer goes without them, in seconds.
    private static let patience = 30

    init(host: RoomHost, configuration: ServerConfiguration, logger: Logger) {
        self.host = host
        self.logger = logger
        folder = configuration.recipes
        archive = configuration.recipeArchive.map { RecipeArchive(folder: $0) }
        onReload = configuration.onReload
    }

    /// Compares the files with what runs and takes up what differs. What is asked for by name is taken up in any case.
    ///
    /// - Throws: `Refusal` when there is no such recipe, or its files cannot be read.
    func reload(_ request: Request) async throws(Refusal) -> [RecipeReloadResult] {
        let found = await onQueue { self.read() }
        let sources: [(URL, RecipeSource)]
        switch found {
        case .success(let read): sources = read
        case .failure(let error):
            throw Refusal(statusCode: 503, code: "recipe_unavailable", message: error.message)
        }
        if let name = request.name, !sources.contains(where: { $0.1.name == name }) {
            throw Refusal.noRecipe(name, known: sources.map(\.1.name))
        }
        var results: [RecipeReloadResult] = []
        for (url, source) in sources where request.name == nil || request.name == source.name {
            let result = await take(source, at: url, request)
            if request.name == nil, case .unchanged = result.outcome {
                // A mistake that was taken back: what participants were told of it holds no more.
                if !request.isTrial { host.noteReload(result) }
                continue
            }
            results.append(result)
        }
        if request.name == nil { results += missing(from: sources) }
        for result in results where !request.isTrial { tell(result) }
        return results
    }

    /// Runs the version before the one that runs now, whatever the files say, until they say something else.
    func rollBack(_ name: String, by: String) async throws(Refusal) -> RecipeReloadResult {
        guard let entry = host.library.entry(named: name) else { throw .noRecipe(name, known: host.library.names) }
        guard let archive else {
            throw Refusal(
                statusCode: 409, code: "no_earlier_version", message: "this server keeps no versions of recipes")
        }
        let found = await onQueue { () -> RecipeSource? in
            archive.previous(of: name, running: entry.source.hash).flatMap(archive.source)
        }
        guard let source = found else {
            throw Refusal(
                statusCode: 409, code: "no_earlier_version",
                message: "there is no version of \"\(name)\" before \(entry.recipe.version) (\(entry.source.hash))")
        }
        let request = Request(name: name, by: by, cause: .rollback)
        let result = await take(source, at: URL(filePath: entry.path), request)
        tell(result)
        return result
    }

    // MARK: - Steps

    private func onQueue<R: Sendable>(_ body: @escaping @Sendable () -> R) async -> R {
        await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: body()) }
        }
    }

    private func read() -> Result<[(URL, RecipeSource)], ServerError> {
        do throws(ServerError) { return .success(try RecipeFolder.sources(in: folder, logger: logger)) } catch {
            return .failure(error)
        }
    }

    private func take(_ source: RecipeSource, at url: URL, _ request: Request) async -> RecipeReloadResult {
        let present = host.library.entry(named: source.name)
        var result = RecipeReloadResult(
            name: source.name, path: url.relativePath, version: present?.recipe.version ?? 0, hash: source.hash,
            isNew: present == nil, canary: request.canary, outcome: .unchanged)
        // What was rolled back from stays away until it is another, or asked for by name.
        if request.name == nil, source.hash == present?.source.hash || source.hash == present?.shadows {
            return result
        }
        let isolation = host.library.isolation
        let limits = host.library.limits
        let loops = host.shards.count
        let loaded = await onQueue { () -> Result<[RuntimeParcel], RecipeError> in
            do throws(RecipeError) {
                var parcels: [RuntimeParcel] = []
                for _ in 0..<(request.isTrial ? 1 : loops) {
                    let runtime = try RecipeRuntime(
                        source, limits: limits.limits(of: source.name), isolation: isolation)
                    parcels.append(RuntimeParcel(runtime))
                }
                return .success(parcels)
            } catch { return .failure(error) }
        }
        switch loaded {
        case .failure(let error): result.outcome = .broken(error)
        case .success(let parcels):
            guard let recipe = parcels.first?.recipe else { return result }
            result.version = recipe.version
            if let present { result.warnings = RecipeChange(from: present.recipe, to: recipe).warnings }
            result.outcome = .taken(rooms: [])
            if request.isTrial { return result }
            let entry = await keep(source, recipe, at: url, request, present)
            result.outcome = .taken(rooms: await swap(entry, parcels, only: request.canary))
        }
        return result
    }

    private func keep(
        _ source: RecipeSource, _ recipe: Recipe, at url: URL, _ request: Request, _ present: RecipeLibrary.Entry?
    ) async -> RecipeLibrary.Entry {
        let shadows = request.cause == .rollback ? present?.shadows ?? present?.source.hash : nil
        let archive = archive
        let failure = await onQueue { () -> ServerError? in
            do throws(ServerError) {
                try archive?.keep(
                    source, version: recipe.version, at: WallClock.nowMs(), by: request.by, cause: request.cause,
                    shadows: shadows)
                return nil
            } catch { return error }
        }
        if let failure {
            logger.error("version not kept", metadata: ["recipe": "\(source.name)", "cause": "\(failure.message)"])
        }
        let entry = RecipeLibrary.Entry(
            source: source, recipe: recipe, web: RecipeFolder.web(of: url), path: url.relativePath, shadows: shadows)
        return host.library.take(entry, canary: request.canary)
    }

    private func swap(
        _ entry: RecipeLibrary.Entry, _ parcels: [RuntimeParcel], only room: String?
    ) async -> [RecipeReloadResult.RoomOutcome] {
        let gathering = ReloadGathering(shards: parcels.count)
        for (shard, parcel) in zip(host.shards, parcels) {
            shard.run { shard in
                shard.reload(entry, parcel, only: room) { gathering.add($0) }
            }
        }
        return await gathering.all(within: .seconds(Self.patience))
    }

    private func missing(from sources: [(URL, RecipeSource)]) -> [RecipeReloadResult] {
        let found = Set(sources.map(\.1.name))
        return host.library.takeMissing(found).map { entry in
            RecipeReloadResult(
                name: entry.source.name, path: entry.path, version: entry.recipe.version, hash: entry.source.hash,
                outcome: .gone)
        }
    }

    private func tell(_ result: RecipeReloadResult) {
        host.noteReload(result)
        onReload(result)
        var fields: Logger.Metadata = [
            "recipe": "\(result.name)", "version": "\(result.version)", "hash": "\(result.hash)",
        ]
        for warning in result.warnings {
            logger.warning("recipe", metadata: ["recipe": "\(result.name)", "cause": "\(warning)"])
        }
        switch result.outcome {
        case .unchanged: break
        case .gone: logger.warning("files of a recipe are gone; its rooms go on", metadata: fields)
        case .broken(let error):
            fields["cause"] = "\(error.message)"
            logger.error("recipe not reloaded; the version before it goes on", metadata: fields)
        case .taken(let rooms):
            fields["rooms"] = "\(rooms.count)"
            fields["refused"] = "\(result.refusals.count)"
            fields["slowest_us"] = "\(rooms.map(\.microseconds).max() ?? 0)"
            if let canary = result.canary { fields["canary"] = "\(canary)" }
            logger.notice("recipe reloaded", metadata: fields)
        }
    }
}
