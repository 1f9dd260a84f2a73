import HearthValues
import Testing

@Suite struct `The JSON patch suite` {
    struct Case: Sendable, CustomStringConvertible {
        let description: String
        let json: Object

        var isApplicable: Bool {
            let operations = (json["patch"]?.list ?? []).map { $0.object?["op"]?.string }
            return json["disabled"] != true && !operations.contains("move") && !operations.contains("copy")
        }
    }

    static let cases: [Case] = SharedCases.files(in: "json-patch").flatMap { file -> [Case] in
        let list = (try? JSON.parse(file.bytes))?.list ?? []
        return list.enumerated().compactMap { index, json in
            json.object.map { Case(description: "\(file.name) \(index) \($0["comment"]?.string ?? "")", json: $0) }
        }
    }

    @Test(arguments: cases.filter { $0.isApplicable && $0.json["error"] == nil })
    func `applies`(one: Case) throws {
        var value = try #require(one.json["doc"])
        try Patch(json: try #require(one.json["patch"])).apply(to: &value)
        #expect(value == one.json["expected"] ?? value)
    }

    @Test(arguments: cases.filter { $0.isApplicable && $0.json["error"] != nil })
    func `refuses`(one: Case) throws {
        let before = try #require(one.json["doc"])
        let json = try #require(one.json["patch"])
        var value = before
        #expect(throws: PatchError.self) { try Patch(json: json).apply(to: &value) }
        #expect(value == before)
    }
}
