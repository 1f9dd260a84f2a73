/// A key with its value, as ``Object`` keeps them.
package struct ObjectEntry: Sendable {
    package let key: String
    package var value: Value
}
