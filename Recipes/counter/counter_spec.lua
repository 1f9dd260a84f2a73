describe("counter", function()
  local room, ann, bob

  before_each(function()
    room = hearth.room("counter", { seed = 1 })
    ann, bob = room:join { name = "Ann" }, room:join { name = "Bob" }
  end)

  it("starts at nought", function() assert.equal(0, ann.view.count) end)

  it("goes up and down for everyone", function()
    ann:send("increment")
    bob:send("increment")
    ann:send("decrement")

    assert.equal(1, ann.view.count)
    assert.equal(1, bob.view.count)
  end)

  it("goes back to nought", function()
    ann:send("increment")
    bob:send("reset")
    assert.equal(0, ann.view.count)
  end)

  it("goes below nought", function()
    ann:send("decrement")
    assert.equal(-1, bob.view.count)
  end)

  it("goes on counting when its recipe is reloaded", function()
    ann:send("increment")
    room:reload()
    bob:send("increment")
    assert.equal(2, ann.view.count)
  end)

  it("counts every increment of everyone", function()
    explore({ runs = 100, seed = 3 }, function(any)
      local a, b = any:join {}, any:join {}
      any:concurrently(function() a:send("increment") end, function() b:send("increment") end)
      return function() assert.equal(2, any.cells.count:get()) end
    end)
  end)
end)
