describe("RECIPE_NAME", function()
  local room, ann, bob

  before_each(function()
    room = hearth.room("RECIPE_NAME", { seed = 1 })
    ann, bob = room:join { name = "Ann" }, room:join { name = "Bob" }
  end)

  it("shows everyone what anyone says", function()
    ann:send("say", { text = "Hello" })

    assert.equal("Hello", bob.view.recent[1].text)
    assert.equal("Ann", bob.view.recent[1].author.name)
    assert.equal(1, bob.view.count)
  end)

  it("follows a rename in everything that was said", function()
    ann:send("say", { text = "Hello" })
    ann:send("rename", { name = "Anna" })
    assert.equal("Anna", bob.view.recent[1].author.name)
  end)

  it("takes a name of any letters", function()
    room:join { name = ("ж"):rep(40) }:send("say", { text = "Hello" })
    assert.equal(("ж"):rep(40), ann.view.recent[1].author.name)
  end)

  it("refuses a message without text", function()
    local _, err = ann:try("say", { text = "" })
    assert.equal("invalid_data", err.code)
  end)

  it("loses nothing when two speak at once", function()
    explore({ runs = 50 }, function(other)
      local a, b = other:join {}, other:join {}
      other:concurrently(
        function() a:send("say", { text = "one" }) end,
        function() b:send("say", { text = "two" }) end)
      return function() assert.equal(2, #other.cells.messages) end
    end)
  end)
end)
