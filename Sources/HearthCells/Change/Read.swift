package import HearthValues

/// What was asked of a place.
package enum ReadAspect: UInt8, Sendable, Hashable {
    /// The value with all that lies below it.
    case value
    /// How many elements or keys it has.
    case length
    /// Which keys it has.
    case keys
    /// Whether there is anything.
    case existence
}

/// One thing that was read.
package struct Read: Sendable, Hashable {
    package var path: Path
    package var aspect: ReadAspect

    package init(_ path: Path, _ aspect: ReadAspect) {
        self.path = path
        self.aspect = aspect
    }
}
