/// What `hearth new` writes: a shared list of things to do, small enough to be read and deleted.
enum RecipeTemplate {
    /// Paths inside the recipe's folder, with what they hold.
    static func files(name: String) -> [(path: String, text: String)] {
        [
            ("recipe.lua", recipe), ("\(name)_spec.lua", spec), ("web/index.html", page), ("web/page.css", style),
            ("web/page.js", script),
        ].map { ($0.0, $0.1.replacing("RECIPE_NAME", with: name)) }
    }

    private static let recipe = #"""
        local t = require "hearth.types"

        local text = t.string { min = 1, max = 200 }

        return recipe {
          name = "RECIPE_NAME",
          version = 1,
          about = "A list of things to do, together.",

          cells = {
            items = t.list(t.object {
              text = text,
              done = t.boolean { default = false },
              by = t.link "user",
            }),
            user = t.object { name = t.string { default = "Guest", max = 40 } } :per "session",
          },

          derived = {
            left = t.count("items", { done = false }),
          },

          on = {
            join = function(cells, _, ctx)
              local given = ctx.who.name
              if given and #given > 0 and #given <= 40 then cells.user.name = given end
            end,
          },

          handlers = {
            -- `by` holds a link: whoever renames themselves is renamed in the whole list.
            add = {
              data = t.object { text = text },
              run = function(cells, data)
                cells.items:push { text = data.text, done = false, by = cells.user }
              end,
            },

            tick = {
              data = t.object { index = t.integer { min = 1 } },
              run = function(cells, data, ctx)
                local item = cells.items[data.index]
                if not item then ctx.fail("no_such_item", "There is no item " .. data.index) end
                item.done = not item.done
              end,
            },

            clear = function(cells)
              cells.items:remove_where(function(item) return item.done end)
            end,

            rename = {
              data = t.object { name = t.string { min = 1, max = 40 } },
              run = function(cells, data) cells.user.name = data.name end,
            },
          },
        }

        """#

    private static let spec = #"""
        describe("RECIPE_NAME", function()
          local room, ann, bob

          before_each(function()
            room = hearth.room("RECIPE_NAME", { seed = 1 })
            ann, bob = room:join { name = "Ann" }, room:join { name = "Bob" }
          end)

          it("shows everyone what anyone adds", function()
            ann:send("add", { text = "Buy milk" })

            assert.equal("Buy milk", bob.view.items[1].text)
            assert.equal("Ann", bob.view.items[1].by.name)
            assert.equal(1, bob.view.left)
          end)

          it("counts what is left", function()
            ann:send("add", { text = "Buy milk" })
            bob:send("tick", { index = 1 })
            assert.equal(0, ann.view.left)
          end)

          it("says which item is missing", function()
            local _, err = ann:try("tick", { index = 7 })
            assert.equal("There is no item 7", err.message)
          end)

          it("forgets what is done", function()
            ann:send("add", { text = "Buy milk" })
            ann:send("add", { text = "Sleep" })
            ann:send("tick", { index = 1 })
            bob:send("clear")
            assert.equal("Sleep", ann.view.items[1].text)
          end)

          it("shows a new name in everything that was added", function()
            ann:send("add", { text = "Buy milk" })
            ann:send("rename", { name = "Anna" })
            assert.equal("Anna", bob.view.items[1].by.name)
          end)

          -- Many orders of the same, with lost connections, restarts and more in between.
          it("keeps what two add at once", function()
            explore({ runs = 50 }, function(other)
              local a, b = other:join {}, other:join {}
              other:concurrently(
                function() a:send("add", { text = "Buy milk" }) end,
                function() b:send("add", { text = "Sleep" }) end)
              return function() assert.equal(2, #other.cells.items) end
            end)
          end)
        end)

        """#

    static let page = #"""
        <!doctype html>
        <html lang="en">
        <head>
          <meta charset="utf-8">
          <meta name="viewport" content="width=device-width, initial-scale=1">
          <meta name="color-scheme" content="light dark">
          <title>RECIPE_NAME</title>
          <link rel="icon" href="/hearth.svg" type="image/svg+xml">
          <link rel="stylesheet" href="/hearth.css">
          <link rel="stylesheet" href="/assets/RECIPE_NAME/page.css">
          <script type="module" src="/assets/RECIPE_NAME/page.js"></script>
        </head>
        <body>
          <header class="bar">
            <a class="home" href="/">Hearth</a>
            <h1 id="room">RECIPE_NAME</h1>
            <span id="connection" class="connection" role="status" data-state="connecting">Connecting…</span>
          </header>
          <main class="page stack">
            <form id="add" class="line">
              <input id="text" maxlength="200" required autocomplete="off" placeholder="What is to be done?"
                aria-label="What is to be done?">
              <button>Add</button>
            </form>
            <ul id="items" aria-label="To do"></ul>
            <p><output id="left"></output> <button id="clear" type="button" class="link">Clear what is done</button></p>
            <form id="rename" class="line">
              <input id="name" maxlength="40" required placeholder="Your name" aria-label="Your name">
              <button class="plain">Change name</button>
            </form>
            <p id="problem" class="notice" role="alert" hidden></p>
          </main>
        </body>
        </html>

        """#

    private static let style = #"""
        #items label { display: flex; gap: 0.6rem; align-items: baseline; padding: 0.5rem 0; }
        #items small { margin-left: auto; opacity: 0.7; }
        #items input:checked ~ span { text-decoration: line-through; opacity: 0.6; }

        """#

    private static let script = #"""
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

        function line(item, index) {
          const row = document.createElement("li");
          const label = row.appendChild(document.createElement("label"));
          const box = label.appendChild(document.createElement("input"));
          box.type = "checkbox";
          box.checked = item.done;
          box.addEventListener("change", () => send("tick", { index: index + 1 }));
          label.appendChild(document.createElement("span")).textContent = item.text;
          label.appendChild(document.createElement("small")).textContent = item.by?.name ?? "somebody";
          return row;
        }

        byId("add").addEventListener("submit", (event) => {
          event.preventDefault();
          send("add", { text: byId("text").value });
          byId("text").value = "";
        });
        byId("clear").addEventListener("click", () => send("clear", {}));
        byId("rename").addEventListener("submit", (event) => {
          event.preventDefault();
          send("rename", { name: byId("name").value });
        });

        room.on("change", () => {
          byId("items").replaceChildren(...(room.cells.items ?? []).map(line));
          byId("left").textContent = `${room.cells.left ?? 0} left.`;
        });
        room.on("error", (error) => showProblem(error.message));
        room.on("state", (state) => {
          byId("connection").dataset.state = state;
          byId("connection").textContent = words[state];
        });

        """#
}
