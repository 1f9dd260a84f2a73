describe("greeter", function()
  it("stars out what is banned", function()
    local room = hearth.room("greeter", { seed = 1 })
    local ann = room:join {}
    ann:send("ban", { word = "darn" })
    ann:send("greet", { text = "Darn good morning" })
    assert.equal("**** good morning", ann.view.greetings[1])
  end)

  it("keeps every greeting", function()
    explore({ runs = 50, seed = 7 }, function(room)
      local a, b = room:join {}, room:join {}
      room:concurrently(
        function() a:try("greet", { text = "Good morning" }) end,
        function()
          b:try("ban", { word = "good" })
          b:try("greet", { text = "Good evening" })
        end)
    end)
  end)
end)
