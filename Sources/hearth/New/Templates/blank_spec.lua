describe("RECIPE_NAME", function()
  it("shows everyone what anyone writes", function()
    local room = hearth.room("RECIPE_NAME", { seed = 1 })
    local ann, bob = room:join { name = "Ann" }, room:join { name = "Bob" }

    ann:send("write", { note = "Bring cake" })

    assert.equal("Bring cake", bob.view.note)
  end)

  it("refuses what is too long", function()
    local room = hearth.room("RECIPE_NAME", { seed = 1 })
    local _, err = room:join():try("write", { note = ("x"):rep(501) })
    assert.equal("invalid_data", err.code)
  end)

  -- Many orders of the same, with lost connections, restarts and more in between.
  it("lets one of two notes stand as a whole", function()
    explore({ runs = 50 }, function(room)
      local ann, bob = room:join {}, room:join {}
      room:concurrently(
        function() ann:send("write", { note = "Bring cake" }) end,
        function() bob:send("write", { note = "Bring tea" }) end)
      return function() assert.matches("^Bring %a+$", room.cells.note) end
    end)
  end)
end)
