-- MD5 (RFC 1321). The input is a stream of bytes.
local bytes = require('.crypto.util.bytes')
local stream = require('.crypto.util.stream')

local MASK = 0xFFFFFFFF

local SINES = {}
for i = 1, 64 do
  SINES[i] = math.floor(math.abs(math.sin(i)) * 4294967296)
end

local ROTATIONS = { { 7, 12, 17, 22 }, { 5, 9, 14, 20 }, { 4, 11, 16, 23 }, { 6, 10, 15, 21 } }

-- What round 1 to 4 mixes, and which word step i (from 0) takes.
local MIXES = {
  function(b, c, d) return (b & c) | (~b & d) end,
  function(b, c, d) return (d & b) | (~d & c) end,
  function(b, c, d) return b ~ c ~ d end,
  function(b, c, d) return c ~ (b | (~d & MASK)) end,
}
local WORDS = {
  function(i) return i end,
  function(i) return (5 * i + 1) % 16 end,
  function(i) return (3 * i + 5) % 16 end,
  function(i) return (7 * i) % 16 end,
}

local function digest(text)
  local zeros = string.rep('\0', (55 - #text) % 64)
  text = text .. '\128' .. zeros .. string.pack('<I8', #text * 8)
  local a, b, c, d = 0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476
  for from = 1, #text, 64 do
    local x = { string.unpack('<' .. string.rep('I4', 16), text, from) }
    local a0, b0, c0, d0 = a, b, c, d
    for i = 0, 63 do
      local round = i // 16 + 1
      local sum = a + MIXES[round](b, c, d) + SINES[i + 1] + x[WORDS[round](i) + 1]
      sum = sum & MASK
      local by = ROTATIONS[round][i % 4 + 1]
      a, d, c = d, c, b
      b = (b + (sum << by | sum >> (32 - by))) & MASK
    end
    a, b, c, d = (a + a0) & MASK, (b + b0) & MASK, (c + c0) & MASK, (d + d0) & MASK
  end
  return string.pack('<I4I4I4I4', a, b, c, d)
end

local function md5(input)
  if type(input) ~= 'function' then error('attempt to call a ' .. type(input) .. ' value') end
  return bytes(digest(stream.toString(input)))
end

return { md5 = md5 }
