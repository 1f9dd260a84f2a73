describe("poker", function()
  local room, ann, bob

  before_each(function()
    room = hearth.room("poker", { seed = 1 })
    ann, bob = room:join { name = "Ann" }, room:join { name = "Bob" }
    ann:send("sit")
    bob:send("sit")
  end)

  it("keeps what was bet", function()
    ann:send("bet", { amount = 5 })
    ann:send("bet", { amount = 10 })
    assert.equal(15, bob.view.seats[ann.session].bet)
  end)

  it("puts the bet of whoever leaves into the pot", function()
    ann:send("bet", { amount = 5 })
    ann:leave()
    assert.equal(5, bob.view.pot)
    assert.is_nil(bob.view.seats[ann.session])
  end)

  it("lets nobody bet who has no seat", function()
    local _, err = room:join { name = "Cy" } :try("bet", { amount = 1 })
    assert.equal("not_seated", err.code)
  end)

  it("counts the bets of two at once", function()
    explore({ runs = 50, seed = 7 }, function(any)
      local a, b = any:join {}, any:join {}
      local function play(who, amount)
        return function()
          who:send("sit")
          who:send("bet", { amount = amount })
        end
      end
      any:concurrently(play(a, 5), play(b, 7))
      return function()
        local sum = 0
        for _, seat in pairs(any.cells.seats) do sum = sum + seat.bet end
        assert.equal(12, sum)
      end
    end)
  end)
end)
