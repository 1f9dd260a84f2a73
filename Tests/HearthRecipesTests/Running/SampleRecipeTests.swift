import HearthRecipes
import HearthValues
import Testing

/// The recipe of the reference, as it stands there.
let sample = """
    local t = require "hearth.types"

    return recipe {
      name    = "chat",
      version = 1,
      about   = "A chat whose history follows a rename.",

      cells = {
        messages = t.list(t.object {
          author = t.link "user",
          text   = t.string { min = 1, max = 2000 },
          at     = t.integer(),
        }),
        user   = t.object { name = t.string { default = "Guest", max = 40 } } :per "session",
        typing = t.boolean { default = false } :per "session" :ephemeral(),
      },

      derived = {
        count  = function(cells) return #cells.messages end,
        recent = t.last("messages", 50),
      },

      handlers = {
        send = {
          data  = t.object { text = t.string { min = 1, max = 2000 } },
          allow = "member",
          run   = function(cells, data, ctx)
            cells.messages:push { author = cells.user, text = data.text, at = ctx.now }
          end,
        },
        rename = function(cells, data) cells.user.name = data.name end,
      },
    }
    """

@Suite struct `The sample recipe` {
    @Test func `is read as it is written`() throws {
        let recipe = try RecipeRuntime(RecipeSource(name: "chat", text: sample)).recipe
        #expect(recipe.name == "chat")
        #expect(recipe.version == 1)
        #expect(recipe.cells["user"]?.scope == .session)
        #expect(recipe.cells["typing"]?.isEphemeral == true)
        #expect(recipe.cells["user"]?.initial == .object(["name": "Guest"]))
        #expect(recipe.derivedNames == ["count", "recent"])
        #expect(recipe.handlers["send"]?.allow == .roles(["member"]))
        #expect(recipe.handlers["rename"]?.data == nil)
    }

    @Test func `keeps messages with links to their authors`() throws {
        let room = try Room(sample)
        let ann = try room.join("s1"), bob = try room.join("s2")
        try room.send("rename", .object(["name": "Ann"]), by: ann)
        try room.send("send", .object(["text": "hi"]), by: ann)
        try room.send("send", .object(["text": "ho"]), by: bob, now: 2_000)
        #expect(
            room["messages"] == """
                [{"at":1000,"author":{"$ref":"user@s1#"},"text":"hi"},{"at":2000,"author":{"$ref":"user@s2#"},"text":"ho"}]
                """)
        #expect(room["user@s1"] == #"{"name":"Ann"}"#)
        #expect(room["count"] == "2")
        #expect(room["recent"] == room["messages"])
    }

    @Test func `refuses what does not fit, naming path and rule`() throws {
        let room = try Room(sample)
        let ann = try room.join("s1")
        let failure = room.failure("send", .object(["text": ""]), by: ann)
        #expect(failure?.code == "invalid_data")
        #expect(failure?.message == "text: 0 characters, at least 1")
        #expect(room.failure("send", .object(["text": "x"]))?.code == "forbidden")
        #expect(
            room.failure("sned", .object(["text": "x"]), by: ann)?.message
                == "chat has no handler sned, did you mean send?")
        let long = room.failure("rename", .object(["name": .string(String(repeating: "x", count: 41))]), by: ann)
        #expect(long?.code == "handler_failed")
        #expect(long?.message == "handlers.rename: recipe.lua:31: user@s1/name: 41 characters, at most 40")
        #expect(room["messages"] == "[]")
    }
}
