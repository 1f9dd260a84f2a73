package import HearthValues

/// A derived cell as a recipe declares it.
package struct DerivedDeclaration: Sendable {
    package var name: String
    package var source: DerivedSource
}

package enum DerivedSource: Sendable {
    /// A pure function of the cells.
    case computed(FunctionSlot)
    /// `t.last("messages", 50)` and its like, kept up with the change.
    case kept(KeptRule)
}

/// A derived cell that follows one list (or map) of the room.
package struct KeptRule: Sendable {
    package enum Operation: Sendable {
        case last(Int)
        case count(Selector?)
        case `where`(Selector)
        case map(key: Projection, value: Projection?)
        case sum(Projection?)
        case group(key: Projection)
        case sort(key: Projection, isDescending: Bool)
    }

    package var list: String
    package var operation: Operation
}

/// Which elements: those whose fields are equal to the given ones, or for which a function says true.
package enum Selector: Sendable {
    case fields([String: Value])
    case function(FunctionSlot)
}

/// What of an element: one of its fields, or what a function makes of it.
package enum Projection: Sendable {
    case field(String)
    case function(FunctionSlot)
}
