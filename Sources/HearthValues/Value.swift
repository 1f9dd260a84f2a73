/// A JSON value as rooms keep it: what is stored in cells, sent over the wire and handed to recipes.
///
/// `==` is exactness, not numeric equality: `1` and `1.0` differ, `0.0` and `-0.0` differ, and strings are equal only
/// when their UTF-8 bytes are. Two values are equal exactly when their canonical JSON text is the same
/// (see ``JSON/write(_:into:)``), except that a link never equals an object spelled like it.
///
/// Copies are O(1): lists and objects share structure.
package enum Value: Sendable {
    case null
    case bool(Bool)
    case int(Int64)
    /// Always finite; the boundaries (JSON text, Lua) refuse infinities and NaN.
    case double(Double)
    case string(String)
    case list(List)
    case object(Object)
    case link(Link)
}
