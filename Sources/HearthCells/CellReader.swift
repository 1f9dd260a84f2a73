package import HearthValues

/// Reads cells and remembers what was read: a transaction, or the evaluation of a derived cell.
package protocol CellReader {
    /// Follows a path through all links, and records each hop and, unless `aspect` is nil, what was asked at its end.
    ///
    /// - Parameter line: where in the recipe this is read; 0 when unknown.
    mutating func resolve(_ path: Path, _ aspect: ReadAspect?, line: Int32) -> Resolution
}
