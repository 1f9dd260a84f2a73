/// A key with its value, as ``Object`` keeps them.
struct ObjectEntry: Sendable {
    let key: String
    var value: Value
}
