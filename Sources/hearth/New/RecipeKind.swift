import ArgumentParser
import Foundation

/// What `hearth new` can begin from. Its parts lie in `Templates`; `frame.html` and `frame.js` are what all pages have.
enum RecipeKind: String, ExpressibleByArgument, CaseIterable {
    /// A list of things to do: what it makes unless it is told otherwise.
    case list
    case chat, form, board, blank

    /// Paths inside the recipe's folder, with what they hold.
    func files(name: String) -> [(path: String, text: String)] {
        let (recipe, spec, main, style, script) = parts
        let page = text(PackageResources.frame_html).replacing("MAIN\n", with: text(main))
        return [
            ("recipe.lua", text(recipe)), ("\(name)_spec.lua", text(spec)), ("web/index.html", page),
            ("web/page.css", text(style)), ("web/page.js", text(PackageResources.frame_js) + text(script)),
        ].map { ($0.0, $0.1.replacing("RECIPE_NAME", with: name)) }
    }

    /// Recipe, spec, what stands in the page's `<main>`, style and script.
    private var parts: ([UInt8], [UInt8], [UInt8], [UInt8], [UInt8]) {
        typealias Files = PackageResources
        return switch self {
        case .list: (Files.list_lua, Files.list_spec_lua, Files.list_html, Files.list_css, Files.list_js)
        case .chat: (Files.chat_lua, Files.chat_spec_lua, Files.chat_html, Files.chat_css, Files.chat_js)
        case .form: (Files.form_lua, Files.form_spec_lua, Files.form_html, Files.form_css, Files.form_js)
        case .board: (Files.board_lua, Files.board_spec_lua, Files.board_html, Files.board_css, Files.board_js)
        case .blank: (Files.blank_lua, Files.blank_spec_lua, Files.blank_html, Files.blank_css, Files.blank_js)
        }
    }

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
