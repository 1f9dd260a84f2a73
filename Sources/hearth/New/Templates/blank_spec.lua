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
end)
