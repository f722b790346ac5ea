-- SHA-1 (FIPS 180-4). The input is a stream of bytes.
local bytes = require('.crypto.util.bytes')
local stream = require('.crypto.util.stream')

local MASK = 0xFFFFFFFF

local function rotate(x, by)
  return (x << by | x >> (32 - by)) & MASK
end

local function schedule(text, from)
  local w = { string.unpack('>' .. string.rep('I4', 16), text, from) }
  for i = 17, 80 do
    w[i] = rotate(w[i - 3] ~ w[i - 8] ~ w[i - 14] ~ w[i - 16], 1)
  end
  return w
end

local function mix(i, b, c, d)
  if i <= 20 then return (b & c) | (~b & d), 0x5A827999 end
  if i <= 40 then return b ~ c ~ d, 0x6ED9EBA1 end
  if i <= 60 then return (b & c) | (b & d) | (c & d), 0x8F1BBCDC end
  return b ~ c ~ d, 0xCA62C1D6
end

-- The digest of a string, as a string of 20 bytes.
local function digest(text)
  local zeros = string.rep('\0', (55 - #text) % 64)
  text = text .. '\128' .. zeros .. string.pack('>I8', #text * 8)
  local h = { 0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0 }
  for from = 1, #text, 64 do
    local w = schedule(text, from)
    local a, b, c, d, e = table.unpack(h)
    for i = 1, 80 do
      local mixed, constant = mix(i, b, c, d)
      local sum = (rotate(a, 5) + (mixed & MASK) + e + constant + w[i]) & MASK
      a, b, c, d, e = sum, a, rotate(b, 30), c, d
    end
    for i, word in ipairs({ a, b, c, d, e }) do
      h[i] = (h[i] + word) & MASK
    end
  end
  return string.pack('>I4I4I4I4I4', table.unpack(h))
end

local function sha1(input)
  if type(input) ~= 'function' then error('attempt to call a ' .. type(input) .. ' value') end
  return bytes(digest(stream.toString(input)))
end

return { sha1 = sha1, digest = digest }
