describe("queue", function()
  it("gives each a number and calls them in turn", function()
    local room = hearth.room("queue", { seed = 1 })
    local ann, bob = room:join {}, room:join {}
    local first = ann:send("take", { name = "Ann" }).result
    local second = bob:send("take", { name = "Bob" }).result
    assert.is_true(second > first)
    bob:send("call")
    assert.equal(first, ann.view.called)
    assert.equal("Bob", ann.view.waiting[1].name)
  end)

  it("keeps everybody who takes a number at once", function()
    explore({ runs = 50, seed = 7 }, function(room)
      local a, b = room:join {}, room:join {}
      room:concurrently(
        function() a:try("take", { name = "A" }) end,
        function() b:try("take", { name = "B" }) end)
    end)
  end)
end)
