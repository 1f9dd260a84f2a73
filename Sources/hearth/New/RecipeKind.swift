import ArgumentParser
import Foundation

/// What `hearth new` can begin from.
enum RecipeKind: String, ExpressibleByArgument, CaseIterable {
    /// A list of things to do: what it makes unless it is told otherwise.
    case list
    case chat, form, board, blank

    /// Paths inside the recipe's folder, with what they hold.
    func files(name: String) -> [(path: String, text: String)] {
        guard let parts else { return RecipeTemplate.files(name: name) }
        return [
            ("recipe.lua", parts.recipe), ("\(name)_spec.lua", parts.spec),
            ("web/index.html", RecipeTemplate.page(around: parts.page)), ("web/page.css", parts.style),
            ("web/page.js", RecipeTemplate.scriptHead + parts.script),
        ].map { ($0.0, $0.1.replacing("RECIPE_NAME", with: name)) }
    }

    private struct Parts {
        var recipe: String
        var spec: String
        /// What stands in `<main>`.
        var page: String
        var style: String
        var script: String

        init(_ recipe: [UInt8], _ spec: [UInt8], _ page: [UInt8], _ style: [UInt8], _ script: [UInt8]) {
            self.recipe = String(decoding: recipe, as: UTF8.self)
            self.spec = String(decoding: spec, as: UTF8.self)
            self.page = String(decoding: page, as: UTF8.self)
            self.style = String(decoding: style, as: UTF8.self)
            self.script = String(decoding: script, as: UTF8.self)
        }
    }

    private typealias Files = PackageResources

    private var parts: Parts? {
        switch self {
        case .list: nil
        case .chat: Parts(Files.chat_lua, Files.chat_spec_lua, Files.chat_html, Files.chat_css, Files.chat_js)
        case .form: Parts(Files.form_lua, Files.form_spec_lua, Files.form_html, Files.form_css, Files.form_js)
        case .board: Parts(Files.board_lua, Files.board_spec_lua, Files.board_html, Files.board_css, Files.board_js)
        case .blank: Parts(Files.blank_lua, Files.blank_spec_lua, Files.blank_html, Files.blank_css, Files.blank_js)
        }
    }
}

extension RecipeTemplate {
    /// A page with the bar at its top that the shipped recipes have.
    static func page(around main: String) -> String {
        let start = page.range(of: "    <form id=\"add\" class=\"line\">")?.lowerBound ?? page.startIndex
        let end = page.range(of: "    <p id=\"problem\"")?.lowerBound ?? page.endIndex
        return page[..<start] + main + page[end...]
    }

    /// The room, its connection, and what goes wrong.
    static let scriptHead = #"""
        import { connect } from "/hearth.js";

        const byId = (id) => document.getElementById(id);
        const roomId = decodeURIComponent(location.pathname.split("/")[3] ?? "home");
        const words = { connecting: "Connecting…", live: "Connected", reconnecting: "Reconnecting…", closed: "Closed" };
        const room = connect({ room: roomId, recipe: "RECIPE_NAME" });

        document.title = byId("room").textContent = roomId;

        function showProblem(message = "") {
          byId("problem").hidden = message === "";
          byId("problem").textContent = message;
        }

        async function send(name, data) {
          try {
            await room.send(name, data);
            showProblem();
          } catch (error) {
            showProblem(error.message);
          }
        }

        room.on("error", (error) => showProblem(error.message));
        room.on("state", (state) => {
          byId("connection").dataset.state = state;
          byId("connection").textContent = words[state];
        });

        // What this page shows and does.

        """#
}
