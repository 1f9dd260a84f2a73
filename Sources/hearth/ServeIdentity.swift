import ArgumentParser
import Foundation
import HearthIdentity
import HearthServer

/// Whose tokens the server takes.
struct ServeIdentity: ParsableArguments {
    /// Where a secret may stand: never among the arguments, which everybody on the machine can read.
    static let secretVariable = "HEARTH_AUTH_SECRET"

    @Flag(
        name: .long,
        help: "Ask everybody for a token (JWT). On as soon as a key is given; without one it is an error.")
    var auth = false

    @Option(
        name: .long,
        help: ArgumentHelp("A public key or certificate in PEM, or a JWK, for tokens.", valueName: "file"))
    var authKey: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "A secret shared with whoever makes tokens; or the variable \(secretVariable).", valueName: "file"))
    var authSecretFile: String?

    @Option(name: .long, help: ArgumentHelp("A JWK set, read again when it changes.", valueName: "file"))
    var authJwks: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Take only tokens with this algorithm; more than once. Else those usual with the keys.", valueName: "alg"))
    var authAlg: [SignatureAlgorithm] = []

    @Option(name: .long, help: ArgumentHelp("Take only tokens with this \"iss\"; more than once.", valueName: "name"))
    var authIssuer: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp("Who this server is: the \"aud\" of its tokens; more than once.", valueName: "name"))
    var authAudience: [String] = []

    @Option(name: .long, help: ArgumentHelp("By how much clocks may differ.", valueName: "seconds"))
    var authLeeway = 5

    func validate() throws {
        guard (0...3_600).contains(authLeeway) else {
            throw ValidationError("The value '\(authLeeway)' is invalid for '--auth-leeway': take one from 0 to 3600.")
        }
    }

    /// - Throws: `CommandFailure` when tokens are asked for and there is no key.
    func rules(environment: [String: String]) throws -> TokenRules? {
        var rules = TokenRules()
        rules.secretFile = authSecretFile
        rules.keyFile = authKey
        rules.keySetFile = authJwks
        if let secret = environment[Self.secretVariable], !secret.isEmpty { rules.secret = Array(secret.utf8) }
        rules.algorithms = authAlg.isEmpty ? nil : Set(authAlg)
        rules.issuers = authIssuer
        rules.audiences = authAudience
        rules.leewaySeconds = authLeeway
        if rules.hasKeys { return rules }
        if auth || !authAlg.isEmpty || !authIssuer.isEmpty || !authAudience.isEmpty {
            throw CommandFailure(
                "Tokens are asked for, and there is no key to check them with: give --auth-key, --auth-secret-file, "
                    + "--auth-jwks, or the variable \(Self.secretVariable).")
        }
        return nil
    }
}

extension SignatureAlgorithm: ExpressibleByArgument {}

/// The server's certificate.
struct ServeTLS: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "Serve https and wss with this certificate in PEM, and those between it and a root.", valueName: "file"))
    var tlsCert: String?

    @Option(name: .long, help: ArgumentHelp("The certificate's private key in PEM.", valueName: "file"))
    var tlsKey: String?

    @Option(name: .long, help: ArgumentHelp("How long a TLS handshake may take.", valueName: "seconds"))
    var tlsHandshakeTimeout = 10

    func validate() throws {
        if (tlsCert == nil) != (tlsKey == nil) {
            throw ValidationError("'--tls-cert' and '--tls-key' go together: give both or neither.")
        }
        guard (1...600).contains(tlsHandshakeTimeout) else {
            throw ValidationError(
                "The value '\(tlsHandshakeTimeout)' is invalid for '--tls-handshake-timeout': take one from 1 to 600.")
        }
    }

    func apply(to settings: inout ServerConfiguration) {
        if let tlsCert, let tlsKey { settings.tls = (certificate: tlsCert, key: tlsKey) }
        settings.tlsHandshakeSeconds = tlsHandshakeTimeout
    }
}
