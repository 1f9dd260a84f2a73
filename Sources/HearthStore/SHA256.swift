internal import COpenSSL

/// SHA-256 by the system's OpenSSL.
package enum SHA256 {
    /// The hash of the chunks joined together.
    /// - Complexity: O(bytes).
    package static func hash(_ chunks: [UInt8]...) -> Hash {
        digest { update in
            for chunk in chunks { chunk.withUnsafeBytes(update) }
        }
    }

    /// The id of a fact: the hash of its parent's id followed by its own content.
    package static func hash(parent: Hash, content: [UInt8]) -> Hash {
        digest { update in
            parent.withUnsafeBytes(update)
            content.withUnsafeBytes(update)
        }
    }

    package static func hash(_ bytes: UnsafeRawBufferPointer) -> Hash {
        digest { update in update(bytes) }
    }

    // Fetched once: looking the algorithm up by name costs more than hashing a small fact. OpenSSL's algorithm objects
    // are immutable and may be used from every thread.
    nonisolated(unsafe) private static let algorithm = EVP_MD_fetch(nil, "SHA256", nil)

    private static func digest(_ feed: ((UnsafeRawBufferPointer) -> Void) -> Void) -> Hash {
        let context = EVP_MD_CTX_new()
        defer { EVP_MD_CTX_free(context) }
        return digest(in: context, feed)
    }

    /// OpenSSL refuses none of these calls for what is hashed, only for want of memory or of the algorithm itself.
    fileprivate static func digest(
        in context: OpaquePointer?, _ feed: ((UnsafeRawBufferPointer) -> Void) -> Void
    ) -> Hash {
        precondition(EVP_DigestInit_ex(context, algorithm, nil) == 1, "OpenSSL has no SHA-256")
        feed { bytes in
            precondition(EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1, "SHA-256 update failed")
        }
        return withUnsafeTemporaryAllocation(byteCount: Hash.byteCount, alignment: 8) { output in
            let start = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
            precondition(EVP_DigestFinal_ex(context, start, nil) == 1, "SHA-256 failed")
            guard let hash = Hash(UnsafeRawBufferPointer(output)) else { preconditionFailure("SHA-256 is 32 bytes") }
            return hash
        }
    }
}

/// Works out the ids of many facts with one context of OpenSSL: making one costs as much as hashing a small fact.
package struct FactHasher: ~Copyable {
    private let context = EVP_MD_CTX_new()

    package init() {}

    deinit { EVP_MD_CTX_free(context) }

    /// The id of the fact after `parent`: the same as ``SHA256/hash(parent:content:)``.
    package mutating func id(parent: Hash, content: [UInt8]) -> Hash {
        SHA256.digest(in: context) { update in
            parent.withUnsafeBytes(update)
            content.withUnsafeBytes(update)
        }
    }
}
