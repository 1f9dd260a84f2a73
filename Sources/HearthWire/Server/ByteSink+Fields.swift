import HearthValues

// `name` is what stands before the value, comma, quotes and colon included: one append of a literal per field.
extension ByteSink {
    mutating func field(_ name: StaticString, _ text: String) {
        append(name)
        appendJSONString(text)
    }

    mutating func field(_ name: StaticString, _ number: UInt64) {
        append(name)
        appendInt(number)
    }

    mutating func field(_ name: StaticString, _ value: Value) {
        append(name)
        JSON.write(value, into: &self)
    }

    mutating func field(_ name: StaticString, _ patch: Patch) {
        append(name)
        patch.write(into: &self)
    }

    mutating func field(_ name: StaticString, _ recipe: RecipeFields) {
        append(name)
        field("{\"name\":", recipe.name)
        field(",\"version\":", .int(recipe.version))
        field(",\"hash\":", recipe.hash)
        append(UInt8(ascii: "}"))
    }

    /// `name` is written `null` when there is none, so that clients need not tell absent from empty.
    mutating func field(_ name: StaticString, _ participant: ParticipantFields) {
        append(name)
        field("{\"id\":", participant.id)
        field(",\"name\":", participant.name.map { .string($0) } ?? .null)
        field(",\"roles\":", .list(List(participant.roles.map { .string($0) })))
        append(UInt8(ascii: "}"))
    }
}
