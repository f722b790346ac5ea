-- The deterministic random numbers behind math.random: MT19937, seeded once per process. The 624
-- words of state are made at the first draw, so that a process that draws nothing keeps none.
local chance = { _version = '0.0.1' }

local N, M = 624, 397
local words, index, pendingSeed = nil, N, 5489

local function initialize(seed)
  local state = { [0] = seed & 0xFFFFFFFF }
  for i = 1, N - 1 do
    local previous = state[i - 1]
    state[i] = (1812433253 * (previous ~ (previous >> 30)) + i) & 0xFFFFFFFF
  end
  return state
end

local function twist(state)
  for i = 0, N - 1 do
    local bits = (state[i] & 0x80000000) | (state[(i + 1) % N] & 0x7FFFFFFF)
    local word = state[(i + M) % N] ~ (bits >> 1)
    if bits & 1 == 1 then word = word ~ 0x9908B0DF end
    state[i] = word
  end
end

local function nextWord()
  if not words then
    words, index = initialize(pendingSeed), N
  end
  if index >= N then
    twist(words)
    index = 0
  end
  local y = words[index]
  index = index + 1
  y = y ~ (y >> 11)
  y = y ~ ((y << 7) & 0x9D2C5680)
  y = y ~ ((y << 15) & 0xEFC60000)
  return (y ~ (y >> 18)) & 0xFFFFFFFF
end

-- The low 32 bits of `number` count.
function chance.seed(number)
  pendingSeed, words = number, nil
end

-- A float in [0, 1).
function chance.random()
  return nextWord() / 4294967296
end

-- An integer in [low, high].
function chance.integer(low, high)
  if high < low then error('max must bigger than min') end
  return math.floor(chance.random() * (high - low + 1) + low)
end

return chance
