import ArgumentParser
import Foundation
import HearthIdentity

/// `hearth token new-key`
struct NewKey: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new-key", abstract: "Make a pair of keys for tokens.",
        discussion: """
            Writes the private key to FILE, for its owner's eyes only, and the public one to FILE.pub. It is for EdDSA \
            unless --alg says RS256, PS256 or ES256.
            """)

    @Argument(help: "Where the private key is to be written; it must not exist.")
    var file: String

    /// It has `--alg`.
    @ParentCommand var token: Token

    private var alg: SignatureAlgorithm { token.alg ?? .edDSA }

    func run() throws {
        guard alg.keyKind != .secret else {
            throw CommandFailure(
                "\(alg.rawValue) has no pair of keys but a secret. Make one with: openssl rand -base64 48")
        }
        do {
            let key = try AsymmetricKey.generate(alg.keyKind)
            try write(key.privatePEM, to: file, mode: 0o600)
            try write(key.publicPEM, to: file + ".pub", mode: 0o644)
        } catch let error as KeyError {
            throw CommandFailure("No key can be made: \(error.message).")
        }
        Terminal.note("Wrote \(file) and \(file).pub. Serve with: --auth-key \(file).pub --auth-alg \(alg.rawValue)")
    }

    private func write(_ bytes: [UInt8], to path: String, mode: mode_t) throws {
        let target = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard target >= 0 else {
            let advice = errno == ENOENT ? "Make the folder first." : "Choose another file."
            throw CommandFailure("Cannot write \(path): \(String(cString: strerror(errno))). \(advice)")
        }
        let handle = FileHandle(fileDescriptor: target, closeOnDealloc: true)
        do { try handle.write(contentsOf: Data(bytes)) } catch {
            throw CommandFailure("Cannot write \(path): \(error.localizedDescription).")
        }
    }
}
