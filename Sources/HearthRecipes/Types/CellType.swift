package import HearthValues

/// What a cell, a part of a cell or the data of an event may hold: the declaration `t.…` of a recipe, checked.
package indirect enum CellType: Sendable {
    case any
    case string(StringRule)
    case integer(IntegerRule)
    case number(NumberRule)
    case boolean(initial: Bool?)
    case choice(ChoiceRule)
    case list(ListRule)
    case map(MapRule)
    case object(ObjectType)
    case optional(CellType)
    case link(cell: String?)
}

/// `t.string{min,max,pattern,default}`. Lengths are in characters (Unicode scalars).
package struct StringRule: Sendable {
    package var min: Int?
    package var max: Int?
    package var pattern: LuaPattern?
    package var initial: String?

    package init(min: Int? = nil, max: Int? = nil, pattern: LuaPattern? = nil, initial: String? = nil) {
        self.min = min
        self.max = max
        self.pattern = pattern
        self.initial = initial
    }
}

/// `t.integer{min,max,default}`.
package struct IntegerRule: Sendable {
    package var min: Int64?
    package var max: Int64?
    package var initial: Int64?

    package init(min: Int64? = nil, max: Int64? = nil, initial: Int64? = nil) {
        self.min = min
        self.max = max
        self.initial = initial
    }
}

/// `t.number{min,max,default}`: an integer or a float, kept as it came.
package struct NumberRule: Sendable {
    package var min: Double?
    package var max: Double?
    package var initial: Value?

    package init(min: Double? = nil, max: Double? = nil, initial: Value? = nil) {
        self.min = min
        self.max = max
        self.initial = initial
    }
}

/// `t.enum{...}`: one of the listed strings, numbers or booleans.
package struct ChoiceRule: Sendable {
    package var choices: [Value]
    package var initial: Value?

    package init(_ choices: [Value], initial: Value? = nil) {
        self.choices = choices
        self.initial = initial
    }
}

/// `t.list(T,{max})`.
package struct ListRule: Sendable {
    package var element: CellType
    package var max: Int?

    package init(_ element: CellType, max: Int? = nil) {
        self.element = element
        self.max = max
    }
}

/// `t.map(T,{max})`: any keys, values of one type.
package struct MapRule: Sendable {
    package var element: CellType
    package var max: Int?

    package init(_ element: CellType, max: Int? = nil) {
        self.element = element
        self.max = max
    }
}

/// `t.object{...}` (closed) or `t.open_object{...}` (keeps fields that it does not name).
package final class ObjectType: Sendable {
    package struct Field: Sendable {
        package let name: String
        package let type: CellType
        /// What stands in when the field is left out; nil when it must be given or may be absent.
        package let filling: Value?
        package let isOptional: Bool
    }

    package let fields: [Field]
    package let isOpen: Bool
    /// The fields without values, to be filled in; nil when they are too many for it.
    let draft: ObjectDraft?
    /// Whether every field must be given, and holds nothing that could itself be filled in.
    let hasOnlyScalars: Bool
    private let places: [String: Int]

    /// - Parameter fields: in any order; of equal names the last wins.
    package init(_ fields: [(name: String, type: CellType)], isOpen: Bool = false) {
        var latest: [String: CellType] = [:]
        for field in fields { latest[field.name] = field.type }
        let ordered = latest.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        self.fields = ordered.compactMap { name in
            latest[name].map { type in
                Field(name: name, type: type, filling: type.filling, isOptional: type.isOptional)
            }
        }
        self.isOpen = isOpen
        self.draft = ordered.count <= ObjectDraft.keysMax ? ObjectDraft(ascending: ordered) : nil
        self.hasOnlyScalars = ordered.allSatisfy { latest[$0]?.isScalar ?? false }
        self.places = Dictionary(uniqueKeysWithValues: ordered.enumerated().map { ($1, $0) })
    }

    /// The place of a field in `fields`.
    /// - Complexity: linear for up to `scanMax` fields (comparing is cheaper than hashing there), else constant.
    func place(of name: String) -> Int? {
        if fields.count > Self.scanMax { return places[name] }
        for place in fields.indices where fields[place].name.isSameString(as: name) { return place }
        for place in fields.indices where fields[place].name == name { return place }
        return nil
    }

    /// The place of the field whose name has these bytes, where looking through them is cheaper than making a text.
    func place(ofBytes name: UnsafeRawBufferPointer) -> Int? {
        if fields.count > Self.scanMax { return nil }
        for place in fields.indices where name.isSame(as: fields[place].name) { return place }
        return nil
    }

    private static let scanMax = 8

    package subscript(name: String) -> CellType? {
        place(of: name).map { fields[$0].type }
    }
}

extension CellType {
    package var isOptional: Bool {
        if case .optional = self { return true }
        return false
    }

    /// The type without `t.optional` around it.
    package var required: CellType {
        if case .optional(let inner) = self { return inner.required }
        return self
    }

    /// Whether values of this type have no parts, and are never absent.
    var isScalar: Bool {
        switch self {
        case .string, .integer, .number, .boolean, .choice, .link: true
        case .any, .list, .map, .object, .optional: false
        }
    }

    /// Whether a value of this type can be reached into by key or index.
    package var isContainer: Bool {
        switch required {
        case .any, .list, .map, .object: true
        default: false
        }
    }

    /// The type of what stands one step inside a value of this type; nil when nothing may stand there.
    package func type(at step: Step) -> CellType? {
        switch (self, step) {
        case (.any, _): .any
        case (.optional(let inner), _): inner.type(at: step)
        case (.list(let rule), .index): rule.element
        case (.map(let rule), .key): rule.element
        case (.object(let object), .key(let name)): object[name] ?? (object.isOpen ? .any : nil)
        default: nil
        }
    }

    /// What a person calls it, for messages: "a string", "a list".
    package var title: String {
        switch self {
        case .any: "any value"
        case .string: "a string"
        case .integer: "an integer"
        case .number: "a number"
        case .boolean: "a boolean"
        case .choice(let rule): "one of \(rule.list)"
        case .list: "a list"
        case .map: "a map"
        case .object: "an object"
        case .optional(let inner): inner.title
        case .link(let cell): cell.map { "a link to \($0)" } ?? "a link"
        }
    }
}

extension ChoiceRule {
    /// The choices as a person reads them.
    var list: String { choices.map { JSON.text($0) }.joined(separator: ", ") }
}
