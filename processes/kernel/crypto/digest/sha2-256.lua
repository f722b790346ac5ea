-- SHA-256 (FIPS 180-4). The input is a stream of bytes.
local bytes = require('.crypto.util.bytes')
local sha512 = require('.crypto.digest.sha2_512')
local stream = require('.crypto.util.stream')

local MASK = 0xFFFFFFFF

local ROOTS, START = {}, {}
for i = 1, 64 do
  ROOTS[i] = sha512.ROOTS[i] >> 32
end
for i = 1, 8 do
  START[i] = sha512.START[i] >> 32
end

-- x is a word; the result has rubbish above its 32 bits.
local function rotate(x, by)
  return x >> by | x << (32 - by)
end

local function schedule(text, from)
  local w = { string.unpack('>' .. string.rep('I4', 16), text, from) }
  for i = 17, 64 do
    local x, y = w[i - 15], w[i - 2]
    local small = rotate(x, 7) ~ rotate(x, 18) ~ (x >> 3)
    local large = rotate(y, 17) ~ rotate(y, 19) ~ (y >> 10)
    w[i] = (w[i - 16] + small + w[i - 7] + large) & MASK
  end
  return w
end

local function compress(h, w)
  local a, b, c, d, e, f, g, last = table.unpack(h)
  for i = 1, 64 do
    local large = rotate(e, 6) ~ rotate(e, 11) ~ rotate(e, 25)
    local choice = (e & f) ~ (~e & g)
    local first = last + (large & MASK) + choice + ROOTS[i] + w[i]
    local small = rotate(a, 2) ~ rotate(a, 13) ~ rotate(a, 22)
    local majority = (a & b) ~ (a & c) ~ (b & c)
    last, g, f, e = g, f, e, (d + first) & MASK
    d, c, b, a = c, b, a, (first + small + majority) & MASK
  end
  for i, word in ipairs({ a, b, c, d, e, f, g, last }) do
    h[i] = (h[i] + word) & MASK
  end
end

-- The digest of a string, as a string of 32 bytes.
local function digest(text)
  local zeros = string.rep('\0', (55 - #text) % 64)
  text = text .. '\128' .. zeros .. string.pack('>I8', #text * 8)
  local h = table.move(START, 1, 8, 1, {})
  for from = 1, #text, 64 do
    compress(h, schedule(text, from))
  end
  return string.pack('>' .. string.rep('I4', 8), table.unpack(h))
end

local function sha2_256(input)
  if type(input) ~= 'function' then error('attempt to call a ' .. type(input) .. ' value') end
  return bytes(digest(stream.toString(input)))
end

return { sha2_256 = sha2_256, SHA2_256 = digest }
