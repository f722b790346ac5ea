-- BLAKE2b (RFC 7693): blake2b(text[, size = 64[, key]]), with strings.
local bytes = require('.crypto.util.bytes')

local START = require('.crypto.digest.sha2_512').START

local ORDERS = {
  { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 },
  { 14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3 },
  { 11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4 },
  { 7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8 },
  { 9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13 },
  { 2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9 },
  { 12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11 },
  { 13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10 },
  { 6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5 },
  { 10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0 },
}

-- The four columns, then the four diagonals.
local LINES = {
  { 1, 5, 9, 13 }, { 2, 6, 10, 14 }, { 3, 7, 11, 15 }, { 4, 8, 12, 16 },
  { 1, 6, 11, 16 }, { 2, 7, 12, 13 }, { 3, 8, 9, 14 }, { 4, 5, 10, 15 },
}

local function rotate(x, by)
  return x >> by | x << (64 - by)
end

local function mix(v, line, x, y)
  local a, b, c, d = line[1], line[2], line[3], line[4]
  v[a] = v[a] + v[b] + x
  v[d] = rotate(v[d] ~ v[a], 32)
  v[c] = v[c] + v[d]
  v[b] = rotate(v[b] ~ v[c], 24)
  v[a] = v[a] + v[b] + y
  v[d] = rotate(v[d] ~ v[a], 16)
  v[c] = v[c] + v[d]
  v[b] = rotate(v[b] ~ v[c], 63)
end

local function compress(h, block, count, isLast)
  local m = { string.unpack('<' .. string.rep('i8', 16), block) }
  local v = table.move(h, 1, 8, 1, {})
  table.move(START, 1, 8, 9, v)
  v[13] = v[13] ~ count
  if isLast then v[15] = ~v[15] end
  for round = 0, 11 do
    local order = ORDERS[round % 10 + 1]
    for i = 1, 8 do
      mix(v, LINES[i], m[order[2 * i - 1] + 1], m[order[2 * i] + 1])
    end
  end
  for i = 1, 8 do
    h[i] = h[i] ~ v[i] ~ v[i + 8]
  end
end

local function blake2b(text, size, key)
  size, key = size or 64, key or ''
  assert(size >= 1 and size <= 64, 'invalid digest size')
  assert(#key <= 64, 'invalid key size')
  local h = table.move(START, 1, 8, 1, {})
  h[1] = h[1] ~ 0x01010000 ~ (#key << 8) ~ size
  if key ~= '' then text = key .. string.rep('\0', 128 - #key) .. text end
  local length = #text
  text = text .. string.rep('\0', length == 0 and 128 or -length % 128)
  for from = 1, #text, 128 do
    local isLast = from + 128 > #text
    compress(h, text:sub(from, from + 127), isLast and length or from + 127, isLast)
  end
  return bytes(string.pack('<' .. string.rep('i8', 8), table.unpack(h)):sub(1, size))
end

return { blake2b = blake2b }
