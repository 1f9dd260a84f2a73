describe("kanban", function()
  local room, ann, bob

  before_each(function()
    room = hearth.room("kanban", { seed = 1 })
    ann, bob = room:join {}, room:join {}
    ann:send("add", { title = "Bake" })
    ann:send("add", { title = "Wash up" })
  end)

  it("puts new cards in the first column", function()
    assert.equal("Wash up", bob.view.columns.todo[2].title)
  end)

  it("shows who has pinned what", function()
    bob:send("pin", { column = "todo", index = 2 })
    assert.equal("Wash up", ann.view.pins[bob.session].title)
  end)

  it("removes a card from its column", function()
    ann:send("remove", { column = "todo", index = 1 })
    assert.equal("Wash up", bob.view.columns.todo[1].title)
    assert.equal(1, #bob.view.columns.todo)
  end)

  it("keeps what is pinned while others tidy up", function()
    explore({ runs = 50, seed = 7 }, function(any)
      local a, b = any:join { name = "A" }, any:join { name = "B" }
      a:send("add", { title = "Bake" })
      any:concurrently(
        function() a:try("remove", { column = "todo", index = 1 }) end,
        function() b:try("pin", { column = "todo", index = 1 }) end)
    end)
  end)
end)
