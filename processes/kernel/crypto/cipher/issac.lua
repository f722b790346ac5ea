-- ISAAC (Bob Jenkins, 1993), a generator of random words seeded by a text, and a cipher of
-- printable text made of it: every character is shifted among the 95 printable ones. (The name is
-- how the field spells it.)
local bytes = require('.crypto.util.bytes')

local MASK = 0xFFFFFFFF

local issac = {}

local memory, results, used
local a, b, c

-- Eight words, mixed in place.
local SHIFTS = { 11, -2, 8, -16, 10, -4, 8, -9 }

local function shifted(word, by)
  if by < 0 then return word >> -by end
  return (word << by) & MASK
end

-- One round of mixing: word i takes its own shifted right or left, then feeds the ones after it.
local function scramble(words)
  for i = 1, 8 do
    local function at(offset)
      return (i + offset - 1) % 8 + 1
    end
    words[i] = words[i] ~ shifted(words[at(1)], SHIFTS[i])
    words[at(3)] = (words[at(3)] + words[i]) & MASK
    words[at(1)] = (words[at(1)] + words[at(2)]) & MASK
  end
end

local function generate()
  c = (c + 1) & MASK
  b = (b + c) & MASK
  local turns = { [0] = 13, -6, 2, -16 }
  for i = 0, 255 do
    local x = memory[i]
    a = (memory[(i + 128) % 256] + (a ~ shifted(a, turns[i % 4]))) & MASK
    local y = (memory[(x >> 2) % 256] + a + b) & MASK
    memory[i] = y
    b = (memory[(y >> 10) % 256] + x) & MASK
    results[i] = b
  end
  used = 0
end

-- Adds `source` to the words and spreads them over the memory.
local function fill(words, source)
  for i = 0, 255, 8 do
    for j = 1, 8 do
      words[j] = (words[j] + source[i + j - 1]) & MASK
    end
    scramble(words)
    for j = 1, 8 do
      memory[i + j - 1] = words[j]
    end
  end
end

function issac.seedIsaac(seed)
  memory, results = {}, {}
  a, b, c = 0, 0, 0
  for i = 0, 255 do
    memory[i], results[i] = 0, seed:byte(i + 1) or 0
  end
  local words = {}
  for i = 1, 8 do
    words[i] = 0x9E3779B9
  end
  for _ = 1, 4 do
    scramble(words)
  end
  fill(words, results)
  fill(words, memory)
  generate()
end

-- The next word of 32 bits.
function issac.getRandom()
  if not results then issac.seedIsaac(tostring(math.random())) end
  if used > 255 then generate() end
  used = used + 1
  return results[used - 1]
end

-- The code of a printable character.
function issac.getRandomChar()
  return issac.getRandom() % 95 + 32
end

-- A whole number from min to max; the same seed gives the same number.
function issac.random(min, max, seed)
  min, max = min or 0, max or 2^31 - 1
  issac.seedIsaac(seed or tostring(math.random()))
  return issac.getRandom() % (max - min + 1) + min
end

local function shiftAll(text, key, sign)
  issac.seedIsaac(key)
  return (text:gsub('[\0-\255]', function(char)
    return string.char((char:byte() - 32 + sign * issac.getRandomChar()) % 95 + 32)
  end))
end

function issac.encrypt(text, key)
  return bytes(shiftAll(text, key, 1))
end

-- Gives the text itself.
function issac.decrypt(text, key)
  return shiftAll(text, key, -1)
end

return issac
