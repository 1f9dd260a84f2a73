import HearthIdentity
import HearthTLS
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import UnixSignals

/// Looks after the files with keys and certificates: every other second, and at once on SIGHUP.
struct KeyWatch: Service {
    let verifier: TokenVerifier?
    let certificates: TLSCertificates?
    let readers: NIOThreadPool
    let logger: Logger

    /// How often the files are looked at.
    static let interval = Duration.seconds(2)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    while !Task.isCancelled {
                        try? await Task.sleep(for: Self.interval)
                        await look(isAsked: false)
                    }
                }
                group.addTask {
                    for await _ in await UnixSignalsSequence(trapping: .sighup) { await look(isAsked: true) }
                }
                await group.waitForAll()
            }
        }
    }

    private func look(isAsked: Bool) async {
        let verifier = verifier
        let certificates = certificates
        let seen = try? await readers.runIfActive { (verifier?.refresh(), certificates?.refresh(isAsked: isAsked)) }
        switch seen?.0 {
        case .changed(let keys)?:
            logger.log(
                level: keys == 0 ? .warning : .notice, "keys for tokens read again", metadata: ["keys": "\(keys)"])
        case .failed(let error)?:
            logger.error("keys for tokens not read; the old ones stay", metadata: ["cause": "\(error.message)"])
        case .unchanged?, nil: break
        }
        switch seen?.1 {
        case .changed(let until)?: logger.notice("certificate read again", metadata: ["valid_until": "\(until)"])
        case .failed(let error)?:
            logger.error("certificate not read; the old one stays", metadata: ["cause": "\(error.message)"])
        case .unchanged?, nil: break
        }
    }
}
