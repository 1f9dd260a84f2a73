import HearthIdentity
import HearthTLS
import Logging

/// What a server knows itself and others by: its certificate, the keys of tokens, the origins of pages.
struct Credentials: Sendable {
    let doorkeeper: Doorkeeper?
    let certificates: TLSCertificates?
    let origins: OriginPolicy

    /// - Throws: `ServerError` for a file that cannot be read or used, and for what is no origin.
    init(_ configuration: ServerConfiguration, logger: Logger) throws(ServerError) {
        do throws(KeyError) {
            doorkeeper = try configuration.tokens.map { rules throws(KeyError) in
                Doorkeeper(verifier: try TokenVerifier(rules))
            }
        } catch {
            throw ServerError("Tokens cannot be checked: \(error.message).")
        }
        do throws(TLSError) {
            certificates = try configuration.tls.map { files throws(TLSError) in
                try TLSCertificates(certificate: files.certificate, key: files.key)
            }
        } catch {
            throw ServerError("TLS cannot be served: \(error.message).")
        }
        origins = try OriginPolicy(allowed: configuration.allowedOrigins, isSecure: certificates != nil)
        if configuration.allowedOrigins.contains("*"), doorkeeper == nil {
            logger.notice("pages of all origins may connect, and nobody has to show a token")
        }
    }
}
