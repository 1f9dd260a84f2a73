import Testing

@testable import HearthTesting

@Suite("Reports of specs")
struct ReportTests {
    private static let failed = SpecResult(
        path: ["tally", "counts <&> \"all\" #1"], status: .failed, file: "t_spec.lua", line: 7,
        message: "the values are not equal", expected: "{\n  a = 1,\n  b = 2,\n}", actual: "{\n  a = 1,\n  b = 3,\n}",
        source: "assert.equal(…)", story: ["Ann sends `add`"])
    private static let passed = SpecResult(path: ["tally", "adds"], status: .passed, file: "t_spec.lua", line: 3)

    private func text(_ output: SpecOutput) -> String {
        var report = output.report(coloured: false)
        var text = report.began(file: "t_spec.lua")
        text += report.ended(Self.passed, ms: 1.5)
        text += report.ended(Self.failed, ms: 2)
        text += report.failed(file: "u_spec.lua", line: 2, message: "unexpected symbol")
        return text + report.finished(ms: 1234)
    }

    @Test func `pretty shows operands as a diff, with file and line`() {
        #expect(
            text(.pretty) == """
                t_spec.lua
                  tally
                    ok adds
                    FAILED counts <&> "all" #1
                  FAILED the file could not be run to its end

                t_spec.lua:7  tally counts <&> "all" #1
                    assert.equal(…)
                    the values are not equal
                    - expected  + actual
                      {
                        a = 1,
                    -   b = 2,
                    +   b = 3,
                      }
                    Ann sends `add`

                u_spec.lua:2
                    unexpected symbol

                1 passed, 1 failed, 1 file broken in 1.23 s

                """)
    }

    @Test func `tap numbers its lines`() {
        let lines = text(.tap).split(separator: "\n")
        #expect(lines.first == "TAP version 13")
        #expect(lines.contains("ok 1 - tally adds"))
        #expect(lines.contains("not ok 2 - tally counts <&> \"all\" \\#1"))
        #expect(lines.contains("not ok 3 - u_spec.lua:2"))
        #expect(lines.last == "1..3")
    }

    @Test func `junit is escaped and counted`() {
        let xml = text(.junit)
        #expect(xml.contains("tests=\"3\" failures=\"1\" errors=\"1\" skipped=\"0\""))
        #expect(xml.contains("name=\"counts &lt;&amp;&gt; &quot;all&quot; #1\""))
        #expect(xml.hasSuffix("</testsuites>\n"))
    }

    @Test func `json is one object per line`() {
        let lines = text(.json).split(separator: "\n")
        #expect(lines.count == 4)
        #expect(lines.last == #"{"broken":1,"failed":1,"ms":1234.0,"passed":1,"pending":0,"type":"summary"}"#)
    }

    @Test(arguments: [
        ("1", "2", ["expected  1", "actual    2"]),
        ("a\nb", "b\nc", ["- expected  + actual", "- a", "  b", "+ c"]),
        ("a", "b\na", ["- expected  + actual", "+ b", "  a"]),
        // A text with line ends in it is compared by lines.
        (
            #""one\ntwo\\nthree""#, #""one\n2\\nthree""#,
            ["- expected  + actual", #"  "one\n"#, #"- two\\nthree""#, #"+ 2\\nthree""#]
        ),
        // Of what is the same only what stands around a change is shown.
        (
            "a\nb\nc\nd\ne\nf\ng\nh\ni\nj", "a\nb\nc\nd\ne\nF\ng\nh\ni\nj",
            [
                "- expected  + actual", "  … 2 lines the same", "  c", "  d", "  e", "- f", "+ F", "  g", "  h", "  i",
                "  … 1 line the same",
            ]
        ),
    ])
    func `a difference is told line by line`(expected: String, actual: String, lines: [String]) {
        #expect(Difference.lines(expected: expected, actual: actual) == lines)
    }

    @Test func `long texts are shown around where they part`() {
        let same = String(repeating: "x", count: 200)
        let lines = Difference.lines(expected: same + "abc" + same, actual: same + "adc" + same)
        let around = String(repeating: "x", count: 39)
        #expect(
            lines == [
                "expected  …\(around)abc\(around.dropLast())…", "actual    …\(around)adc\(around.dropLast())…",
                "          " + String(repeating: " ", count: 41)
                    + "^ they differ from character 202 on, of 403 and 403",
            ])
        #expect(Difference.lines(expected: same, actual: same + "y").last?.hasSuffix("201 on, of 200 and 201") == true)
    }
}
