describe("RECIPE_NAME", function()
  local room, ann, bob

  before_each(function()
    room = hearth.room("RECIPE_NAME", { seed = 1 })
    ann, bob = room:join { name = "Ann" }, room:join { name = "Bob" }
    ann:send("add", { text = "Bake a cake" })
  end)

  local function id() return room.cells.cards[1].id end

  it("puts a new card in the first column", function()
    assert.equal("Bake a cake", bob.view.columns.todo[1].text)
    assert.equal("Ann", bob.view.columns.todo[1].by.name)
    assert.equal(1, bob.view.left)
  end)

  it("moves a card for everyone", function()
    bob:send("move", { id = id(), column = "done" })
    assert.equal("Bake a cake", ann.view.columns.done[1].text)
    assert.equal(0, ann.view.left)
  end)

  it("removes a card, and says when one is gone", function()
    local gone = id()
    ann:send("remove", { id = gone })
    local _, err = bob:try("move", { id = gone, column = "done" })
    assert.equal("no_such_card", err.code)
  end)

  it("shows a new name on every card", function()
    ann:send("rename", { name = "Anna" })
    assert.equal("Anna", bob.view.cards[1].by.name)
  end)

  it("takes a name of any letters", function()
    room:join { name = ("ж"):rep(40) }:send("add", { text = "Light candles" })
    assert.equal(("ж"):rep(40), bob.view.cards[2].by.name)
  end)

  it("keeps every card when two add at once", function()
    explore({ runs = 50 }, function(other)
      local a, b = other:join {}, other:join {}
      other:concurrently(
        function() a:send("add", { text = "one" }) end,
        function() b:send("add", { text = "two" }) end)
      return function() assert.equal(2, #other.cells.cards) end
    end)
  end)
end)
