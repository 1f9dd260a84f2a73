import HearthRecipes

/// Why something that a spec asked for cannot be done; becomes an error in the spec's line.
package struct SpecError: Error, CustomStringConvertible {
    package var description: String

    package init(_ description: String) { self.description = description }

    /// Any error as one text.
    static func text(_ error: any Error) -> String {
        switch error {
        case let failure as Failure: "\(failure.code): \(failure.message)"
        default: "\(error)"
        }
    }
}
