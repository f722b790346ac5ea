-- SHA-3 and the Keccak that came before it (FIPS 202); they differ in one byte of padding. The
-- input is a string.
local bytes = require('.crypto.util.bytes')

local ROUNDS = 24

-- Round constants, from the linear feedback shift register that defines them.
local CONSTANTS = {}
do
  local register = 1
  for round = 1, ROUNDS do
    local constant = 0
    for j = 0, 6 do
      if register & 1 == 1 then constant = constant | 1 << ((1 << j) - 1) end
      register = register << 1
      if register & 0x100 ~= 0 then register = register ~ 0x171 end
    end
    CONSTANTS[round] = constant
  end
end

-- Where each lane goes (rho and pi): to, and rotated by how much. Lane (x, y) is at x + 5y + 1.
local TARGETS, ROTATIONS = {}, {}
do
  local x, y = 1, 0
  TARGETS[1], ROTATIONS[1] = 1, 0
  for t = 0, 23 do
    TARGETS[x + 5 * y + 1] = y + 5 * ((2 * x + 3 * y) % 5) + 1
    ROTATIONS[x + 5 * y + 1] = (t + 1) * (t + 2) // 2 % 64
    x, y = y, (2 * x + 3 * y) % 5
  end
end

local function theta(state)
  local column = {}
  for x = 1, 5 do
    column[x] = state[x] ~ state[x + 5] ~ state[x + 10] ~ state[x + 15] ~ state[x + 20]
  end
  for x = 1, 5 do
    local after, before = column[x % 5 + 1], column[(x + 3) % 5 + 1]
    local mixed = before ~ (after << 1 | after >> 63)
    for y = 0, 20, 5 do
      state[x + y] = state[x + y] ~ mixed
    end
  end
end

local function permute(state)
  for round = 1, ROUNDS do
    theta(state)
    local moved = {}
    for i = 1, 25 do
      local lane, by = state[i], ROTATIONS[i]
      moved[TARGETS[i]] = lane << by | lane >> (64 - by)
    end
    for y = 0, 20, 5 do
      for x = 0, 4 do
        local next, second = moved[y + (x + 1) % 5 + 1], moved[y + (x + 2) % 5 + 1]
        state[y + x + 1] = moved[y + x + 1] ~ (~next & second)
      end
    end
    state[1] = state[1] ~ CONSTANTS[round]
  end
end

-- A digest function of `size` bytes with that first byte of padding.
local function keccak(size, padding)
  local rate = 200 - 2 * size
  local format = '<' .. string.rep('i8', rate // 8)
  return function(text)
    local missing = rate - #text % rate
    text = text .. string.char(padding) .. string.rep('\0', missing - 1)
    text = text:sub(1, -2) .. string.char(text:byte(-1) | 0x80)
    local state = {}
    for i = 1, 25 do
      state[i] = 0
    end
    for from = 1, #text, rate do
      local lanes = { string.unpack(format, text, from) }
      for i = 1, rate // 8 do
        state[i] = state[i] ~ lanes[i]
      end
      permute(state)
    end
    return bytes(string.pack('<' .. string.rep('i8', size // 8), table.unpack(state, 1, size // 8)))
  end
end

return {
  sha3_256 = keccak(32, 0x06),
  sha3_512 = keccak(64, 0x06),
  keccak256 = keccak(32, 0x01),
  keccak512 = keccak(64, 0x01),
}
