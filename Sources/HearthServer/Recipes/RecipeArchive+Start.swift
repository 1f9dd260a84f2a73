import Foundation
import HearthRecipes
import Logging

extension RecipeArchive {
    /// At a server's start: keeps the versions that are there. A recipe that was rolled back runs what it was rolled back
    /// to, unless its files have changed since; one that does not load runs what ran last.
    ///
    /// - Parameters:
    ///   - entries: the recipes that load.
    ///   - sources: all that are there.
    func begin(
        with entries: [RecipeLibrary.Entry], of sources: [(URL, RecipeSource)], isolation: RecipeIsolation,
        logger: Logger
    ) -> [RecipeLibrary.Entry] {
        let loaded = Dictionary(entries.map { ($0.source.name, $0) }, uniquingKeysWith: { first, _ in first })
        return sources.compactMap { url, source in
            let last = history(of: source.name).last
            guard let entry = loaded[source.name] else {
                guard let last else { return nil }
                return earlier(last, at: url, shadows: nil, isolation, logger)
            }
            if let last, last.cause == .rollback, last.shadows == source.hash,
                let earlier = earlier(last, at: url, shadows: last.shadows, isolation, logger)
            {
                return earlier
            }
            do throws(ServerError) {
                try keep(source, version: entry.recipe.version, at: WallClock.nowMs(), by: "start", cause: .start)
            } catch {
                logger.error("version not kept", metadata: ["recipe": "\(source.name)", "cause": "\(error.message)"])
            }
            return entry
        }
    }

    private func earlier(
        _ record: Record, at url: URL, shadows: String?, _ isolation: RecipeIsolation, _ logger: Logger
    ) -> RecipeLibrary.Entry? {
        guard let source = source(record), let runtime = try? RecipeRuntime(source, isolation: isolation) else {
            return nil
        }
        logger.warning(
            "an earlier version of a recipe runs",
            metadata: [
                "recipe": "\(record.name)", "version": "\(record.version)", "hash": "\(record.hash)",
                "cause": shadows == nil
                    ? "what lies in the folder does not load"
                    : "it was rolled back; `hearth recipes reload \(record.name)` takes what lies in the folder",
            ])
        return RecipeLibrary.Entry(
            source: source, recipe: runtime.recipe, web: RecipeFolder.web(of: url), path: url.relativePath,
            shadows: shadows)
    }

    /// Has a server that starts later run the version before the one that ran last.
    ///
    /// - Returns: that version, and the one that ran last.
    /// - Throws: `ServerError` when there is none.
    package func rollBack(_ name: String, by: String) throws(ServerError) -> (to: Record, from: Record) {
        guard let last = history(of: name).last else {
            throw ServerError("No version of \(name) was kept. Is this the folder that the server is started on?")
        }
        guard let previous = previous(of: name, running: last.hash), let source = source(previous) else {
            throw ServerError("There is no version of \(name) before \(last.version) (\(last.hash)).")
        }
        try keep(
            source, version: previous.version, at: WallClock.nowMs(), by: by, cause: .rollback,
            shadows: last.shadows ?? last.hash)
        return (previous, last)
    }
}
