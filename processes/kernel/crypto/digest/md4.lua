-- MD4 (RFC 1320). The input is a stream of bytes.
local bytes = require('.crypto.util.bytes')
local stream = require('.crypto.util.stream')

local MASK = 0xFFFFFFFF

local function rotate(x, by)
  x = x & MASK
  return (x << by | x >> (32 - by)) & MASK
end

-- Per round: mixing function, constant, order of the words, rotations.
local ROUNDS = {
  {
    mix = function(x, y, z) return (x & y) | (~x & z) end,
    constant = 0,
    order = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 },
    by = { 3, 7, 11, 19 },
  },
  {
    mix = function(x, y, z) return (x & y) | (x & z) | (y & z) end,
    constant = 0x5A827999,
    order = { 0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15 },
    by = { 3, 5, 9, 13 },
  },
  {
    mix = function(x, y, z) return x ~ y ~ z end,
    constant = 0x6ED9EBA1,
    order = { 0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15 },
    by = { 3, 9, 11, 15 },
  },
}

local function digest(text)
  local zeros = string.rep('\0', (55 - #text) % 64)
  text = text .. '\128' .. zeros .. string.pack('<I8', #text * 8)
  local a, b, c, d = 0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476
  for from = 1, #text, 64 do
    local x = { string.unpack('<' .. string.rep('I4', 16), text, from) }
    local a0, b0, c0, d0 = a, b, c, d
    for _, round in ipairs(ROUNDS) do
      for i = 1, 16 do
        local sum = a + round.mix(b, c, d) + x[round.order[i] + 1] + round.constant
        a, b, c, d = d, rotate(sum, round.by[(i - 1) % 4 + 1]), b, c
      end
    end
    a, b, c, d = (a + a0) & MASK, (b + b0) & MASK, (c + c0) & MASK, (d + d0) & MASK
  end
  return string.pack('<I4I4I4I4', a, b, c, d)
end

local function md4(input)
  if type(input) ~= 'function' then error('attempt to call a ' .. type(input) .. ' value') end
  return bytes(digest(stream.toString(input)))
end

return { md4 = md4 }
