-- Random numbers that depend on their seed alone: xorshift64* after Vigna.

local chance = {}

-- A function that draws whole numbers from 1 to its argument.
function chance.generator(seed)
  local state = seed * 0x9E3779B97F4A7C15 ~ 0x2545F4914F6CDD1D
  if state == 0 then state = 1 end
  local function draw(count)
    state = state ~ (state << 13)
    state = state ~ (state >> 7)
    state = state ~ (state << 17)
    return ((state * 0x2545F4914F6CDD1D) >> 33) % count + 1
  end
  for _ = 1, 4 do draw(2) end
  return draw
end

return chance
