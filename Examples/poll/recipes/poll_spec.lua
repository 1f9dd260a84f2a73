describe("poll", function()
  local room, ann, bob

  before_each(function()
    room = hearth.room("poll", {
      input = { question = "Tea?", options = { "yes", "later" }, minutes = 5 },
    })
    ann, bob = room:join { name = "Ann", id = "ann" }, room:join { name = "Bob", id = "bob" }
  end)

  it("counts one vote each", function()
    ann:send("vote", { option = "yes" })
    bob:send("vote", { option = "yes" })
    bob:send("vote", { option = "later" })
    assert.same({ yes = 1, later = 1 }, ann.view.tally)
  end)

  it("knows its options", function()
    local _, err = ann:try("vote", { option = "never" })
    assert.equal("unknown_option", err.code)
  end)

  it("closes after its time", function()
    room:advance(5 * 60000 - 1)
    ann:send("vote", { option = "yes" })
    room:advance(1)
    assert.is_true(bob.view.closed)
    assert.has_error(function() bob:send("vote", { option = "yes" }) end, "the poll is closed")
  end)

  it("keeps every vote, whatever the order of things", function()
    explore({ runs = 100, seed = 11, input = { options = { "yes", "no" } } }, function(any)
      local a, b = any:join { id = "a" }, any:join { id = "b" }
      any:concurrently(
        function() a:send("vote", { option = "yes" }) end,
        function() b:send("vote", { option = "no" }) end)
      return function() assert.same({ yes = 1, no = 1 }, any.cells.tally) end
    end)
  end)
end)
