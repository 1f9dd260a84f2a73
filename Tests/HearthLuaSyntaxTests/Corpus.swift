import Foundation
import Testing

/// All Lua in this repository.
enum Corpus {
    struct File: Sendable, CustomTestStringConvertible {
        var path: String
        var text: [UInt8]

        var testDescription: String { path }
    }

    static let files: [File] = {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return ["Recipes", "Examples", "Sources", "Tests", "Docs"].flatMap { folder in
            let found = FileManager.default.enumerator(atPath: root.appending(path: folder).path)
            return (found?.compactMap { $0 as? String } ?? []).filter { $0.hasSuffix(".lua") }.sorted()
                .compactMap { path in
                    let url = root.appending(path: folder).appending(path: path)
                    return (try? Data(contentsOf: url)).map { File(path: "\(folder)/\(path)", text: Array($0)) }
                }
        }
    }()

    /// Every construct of the language at least once.
    static let everything = #"""
        local a <const>, b <close>, c = 1, nil, ...
        local t = { 1, 2; x = 3, ["y z"] = 4, [5] = function(...) return ..., select("#", ...) end, f = a, }
        function t.a.b:c(d, ...) self.x = d; return ... end
        local function fact(n) return n <= 1 and 1 or n * fact(n - 1) end
        for i = 10, 1, -1 do if i % 2 == 0 then goto continue elseif i // 3 ~= 1 then break else t[i] = -i ^ 2 end
          ::continue:: end
        for k, v, w in next, t do t[k], t[v] = v, k end
        while not t.done do t:run "x" { 1 } (2) [[long
        string]] [ [==[ ]] ]==] ] = ~5 & 3 | 4 ~ 1 << 2 >> 1 end
        repeat local done = #t > 0 until done
        do local x = 0x1P-4 + 0xA.8p1 + 3. + .5 + 1e10 + 3E-2 + 0xff - 9007199254740993 end
        print(("x"):rep(3) .. 'a\'b\n\x41\u{48}\u{7FFFFFFF}\065\z
           c' .. "d\
        e", t.x.y["z"], - - 1, not nil == true, 2 ^ 3 ^ 2, (f()))
        --[==[ comment ]] ]==] --[[ another ]] return t, fact
        ; ::last:: ; goto last
        """#
}
