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

  it("takes a name of any letters", function()
    room:join { name = ("ж"):rep(40) }:send("add", { text = "Buy milk" })
    assert.equal(("ж"):rep(40), ann.view.items[1].by.name)
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
