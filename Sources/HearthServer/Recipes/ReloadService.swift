import Logging
import ServiceLifecycle
import UnixSignals

/// Reloads recipes when SIGHUP comes, and when their files change if that is wanted.
struct ReloadService: Service {
    let reloader: RecipeReloader
    let configuration: ServerConfiguration
    let logger: Logger

    func run() async throws {
        let signals = await UnixSignalsSequence(trapping: .sighup)
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    for await _ in signals { await reload(by: "SIGHUP", cause: .reload) }
                }
                group.addTask {
                    guard configuration.watchesRecipes else { return }
                    let watcher = RecipeWatcher(folder: configuration.recipes)
                    await watcher.watch { paths in
                        await reload(by: "files", cause: .save)
                        configuration.onFilesChanged(paths)
                    }
                }
                // A watcher that is not wanted ends at once; the signals do not.
                await group.waitForAll()
            }
        }
    }

    private func reload(by: String, cause: RecipeArchive.Record.Cause) async {
        do {
            _ = try await reloader.reload(RecipeReloader.Request(by: by, cause: cause))
        } catch {
            logger.error("recipes not reloaded", metadata: ["cause": "\(error.message)"])
        }
    }
}
