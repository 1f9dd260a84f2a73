describe("RECIPE_NAME", function()
  local room, ann, bob

  before_each(function()
    room = hearth.room("RECIPE_NAME", { seed = 1 })
    ann, bob = room:join { name = "Ann" }, room:join { name = "Bob" }
  end)

  local function fill_all()
    ann:send("fill", { field = "title", value = "Picnic" })
    bob:send("fill", { field = "place", value = "Park" })
    ann:send("fill", { field = "date", value = "Sunday" })
  end

  it("shows everyone who wrote what", function()
    ann:send("fill", { field = "title", value = "Picnic" })

    assert.equal("Picnic", bob.view.answers.title.value)
    assert.equal("Ann", bob.view.answers.title.by.name)
    assert.equal(1, bob.view.filled)
  end)

  it("forgets an answer that is emptied", function()
    ann:send("fill", { field = "title", value = "Picnic" })
    bob:send("fill", { field = "title", value = "" })
    assert.is_nil(ann.view.answers.title)
  end)

  it("is sent when it is complete, and not before", function()
    local _, err = ann:try("submit", {})
    assert.equal("not_complete", err.code)
    fill_all()
    bob:send("submit")
    assert.is_true(ann.view.is_sent)
  end)

  it("changes no more once it is sent, until it is opened again", function()
    fill_all()
    ann:send("submit")
    local _, err = bob:try("fill", { field = "title", value = "Party" })
    assert.equal("already_sent", err.code)
    ann:send("reopen")
    bob:send("fill", { field = "title", value = "Party" })
    assert.equal("Party", ann.view.answers.title.value)
  end)

  it("shows a new name beside every answer", function()
    ann:send("fill", { field = "title", value = "Picnic" })
    ann:send("rename", { name = "Anna" })
    assert.equal("Anna", bob.view.answers.title.by.name)
  end)

  it("takes a name of any letters", function()
    room:join { name = ("ж"):rep(40) }:send("fill", { field = "title", value = "Picnic" })
    assert.equal(("ж"):rep(40), bob.view.answers.title.by.name)
  end)

  it("keeps what two fill in at once", function()
    explore({ runs = 50 }, function(other)
      local a, b = other:join {}, other:join {}
      other:concurrently(
        function() a:send("fill", { field = "title", value = "Picnic" }) end,
        function() b:send("fill", { field = "place", value = "Park" }) end)
      return function() assert.equal(2, other.cells.filled) end
    end)
  end)
end)
