import HearthValues
import Testing

@Suite struct `The JSON parsing suite` {
    static let files = SharedCases.files(in: "json-parsing")

    @Test(arguments: files.filter { $0.name.hasPrefix("y_") })
    func `accepts what must be accepted`(file: SharedCases.File) throws {
        let value = try JSON.parse(file.bytes)
        #expect(try JSON.parse(JSON.bytes(value)) == value)
    }

    @Test(arguments: files.filter { $0.name.hasPrefix("n_") })
    func `refuses what must be refused`(file: SharedCases.File) {
        #expect(throws: JSONError.self) { try JSON.parse(file.bytes) }
    }

    @Test(arguments: files.filter { $0.name.hasPrefix("i_") })
    func `survives the rest`(file: SharedCases.File) {
        let value = try? JSON.parse(file.bytes)
        if let value { #expect((try? JSON.parse(JSON.bytes(value))) == value) }
        if file.name.hasPrefix("i_string") { #expect(value == nil, "only sound text is taken") }
    }
}
