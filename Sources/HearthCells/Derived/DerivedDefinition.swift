package import HearthValues

/// How a derived cell follows from other cells.
package struct DerivedDefinition {
    package let name: String
    package let rule: DerivedRule

    package init(name: String, rule: DerivedRule) {
        self.name = name
        self.rule = rule
    }
}

/// The rules of derived cells. All but `computed` are kept up at a cost that follows the change, not the list; a list
/// that is absent, or is no list, counts as empty.
package enum DerivedRule {
    /// Any pure function of what it reads through the reader. It runs again only when that has changed.
    case computed((inout DerivedReader) throws(DerivedFailure) -> Value)
    /// The last n elements of a list.
    case last(Path, Int)
    /// How many elements a list has, or how many that the rule finds true (anything but null and false).
    case count(Path, ElementRule?)
    /// The elements that the rule finds true, in their order.
    case filtered(Path, ElementRule)
    /// An object of elements, or of a value for each, by key; of equal keys the last element wins, elements whose key
    /// is null or absent are left out.
    case mapOf(Path, key: ElementRule, value: ElementRule?)
    /// The sum of the elements, or of what the rule gives for each; what is no number counts nothing. Ints stay int
    /// while the sum fits one. Doubles are summed exactly and rounded once, so the order of changes does not show.
    case sum(Path, ElementRule?)
    /// An object of lists of elements, by key; elements whose key is null or absent are left out.
    case groupBy(Path, ElementRule)
    /// The elements ordered by key, equals in their order: null, booleans, numbers, strings by bytes, all else.
    case sortBy(Path, ElementRule)

    /// Whether bringing it up to date may fail: only rules that look into elements, or compute, do.
    var canFail: Bool {
        switch self {
        case .last, .count(_, nil): false
        default: true
        }
    }

    /// The list that is followed; nil for `computed`.
    var list: Path? {
        switch self {
        case .computed: nil
        case .last(let path, _), .count(let path, _), .filtered(let path, _), .mapOf(let path, _, _),
            .sum(let path, _), .groupBy(let path, _), .sortBy(let path, _):
            path
        }
    }
}

/// What is taken of an element of a list.
package enum ElementRule {
    /// A field of an element that is an object, through links.
    case field(String)
    /// A pure function of the element; it must read anything else through the reader.
    case function((_ reader: inout DerivedReader, _ place: Path, _ element: Value) throws(DerivedFailure) -> Value)
}

/// Why the function of a derived cell failed.
package struct DerivedFailure: Error, Sendable, Hashable {
    package var message: String
    /// The line in the recipe; 0 when unknown.
    package var line: Int32

    package init(_ message: String, line: Int32 = 0) {
        self.message = message
        self.line = line
    }
}

/// Why derived cells could not be brought up to date; the graph is as it was.
package enum DerivedError: Error, Sendable, Hashable {
    /// Derived cells that need each other, from one round to the same.
    case cycle([String])
    case failed(name: String, DerivedFailure)
    case duplicate(String)

    package var message: String {
        switch self {
        case .cycle(let names): "derived cells need each other: \(names.joined(separator: " -> "))"
        case .failed(let name, let failure): "derived cell \(name): \(failure.message)"
        case .duplicate(let name): "there are two derived cells called \(name)"
        }
    }
}
