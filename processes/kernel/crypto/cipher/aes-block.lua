-- AES on one block of 16 bytes (FIPS 197), the block and the round keys being arrays of byte
-- values.
local block = {}

local BOX, UNBOX = {}, {}

-- Multiplication in the field of AES.
local function multiply(a, b)
  local product = 0
  while b > 0 do
    if b & 1 == 1 then product = product ~ a end
    a = a << 1
    if a > 255 then a = a ~ 0x11B end
    b = b >> 1
  end
  return product
end

-- Substitution: the inverse in the field, then an affine map. 3 generates the field, 0xF6 is 1/3.
do
  local x, inverse = 1, 1
  repeat
    local y = inverse
    local mapped = y ~ (y << 1 | y >> 7) ~ (y << 2 | y >> 6) ~ (y << 3 | y >> 5) ~ (y << 4 | y >> 4)
    BOX[x] = (mapped & 255) ~ 0x63
    x, inverse = multiply(x, 3), multiply(inverse, 0xF6)
  until x == 1
  BOX[0] = 0x63
  for value = 0, 255 do
    UNBOX[BOX[value]] = value
  end
end

local TIMES = {}
for _, factor in ipairs({ 1, 2, 3, 9, 11, 13, 14 }) do
  TIMES[factor] = {}
  for value = 0, 255 do
    TIMES[factor][value] = multiply(value, factor)
  end
end

-- The round keys, one array, of a key of 16, 24 or 32 byte values.
function block.expand(key)
  local words, size, out = #key // 4, #key, table.move(key, 1, #key, 1, {})
  local constant = 1
  for i = words, 4 * (words + 7) - 1 do
    local a, b, c, d = out[4 * i - 3], out[4 * i - 2], out[4 * i - 1], out[4 * i]
    if i % words == 0 then
      a, b, c, d = BOX[b] ~ constant, BOX[c], BOX[d], BOX[a]
      constant = multiply(constant, 2)
    elseif words > 6 and i % words == 4 then
      a, b, c, d = BOX[a], BOX[b], BOX[c], BOX[d]
    end
    for j, value in ipairs({ a, b, c, d }) do
      out[4 * i + j] = out[4 * i + j - size] ~ value
    end
  end
  return out
end

local function addKey(state, keys, round)
  for i = 1, 16 do
    state[i] = state[i] ~ keys[16 * round + i]
  end
end

-- Substitutes and shifts the rows; `step` is 5 to encrypt and 13 to decrypt.
local function substitute(state, box, step)
  local out = {}
  for i = 0, 15 do
    local row = i % 4
    out[i + 1] = box[state[(i + (step - 1) * row) % 16 + 1]]
  end
  return out
end

local function mixColumns(state, a, b, c, d)
  local p, q, r, s = TIMES[a], TIMES[b], TIMES[c], TIMES[d]
  for i = 1, 13, 4 do
    local w, x, y, z = state[i], state[i + 1], state[i + 2], state[i + 3]
    state[i] = p[w] ~ q[x] ~ r[y] ~ s[z]
    state[i + 1] = s[w] ~ p[x] ~ q[y] ~ r[z]
    state[i + 2] = r[w] ~ s[x] ~ p[y] ~ q[z]
    state[i + 3] = q[w] ~ r[x] ~ s[y] ~ p[z]
  end
end

function block.encrypt(keys, input)
  local rounds, state = #keys // 16 - 1, table.move(input, 1, 16, 1, {})
  addKey(state, keys, 0)
  for round = 1, rounds do
    state = substitute(state, BOX, 5)
    if round < rounds then mixColumns(state, 2, 3, 1, 1) end
    addKey(state, keys, round)
  end
  return state
end

function block.decrypt(keys, input)
  local rounds, state = #keys // 16 - 1, table.move(input, 1, 16, 1, {})
  for round = rounds, 1, -1 do
    addKey(state, keys, round)
    if round < rounds then mixColumns(state, 14, 11, 13, 9) end
    state = substitute(state, UNBOX, 13)
  end
  addKey(state, keys, 0)
  return state
end

return block
