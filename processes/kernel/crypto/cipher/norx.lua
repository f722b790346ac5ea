-- NORX64-4-1 (Aumasson, Jovanovic and Neves, version 3.0): encryption with a tag of 32 bytes that
-- proves text, header and trailer.
local bytes = require('.crypto.util.bytes')

local norx = {}

local RATE = 96
local ROUNDS = 4
local HEADER, PAYLOAD, TRAILER, TAG = 1, 2, 4, 8

-- The four columns, then the four diagonals.
local LINES = {
  { 1, 5, 9, 13 }, { 2, 6, 10, 14 }, { 3, 7, 11, 15 }, { 4, 8, 12, 16 },
  { 1, 6, 11, 16 }, { 2, 7, 12, 13 }, { 3, 8, 9, 14 }, { 4, 5, 10, 15 },
}

local function rotate(x, by)
  return x >> by | x << (64 - by)
end

-- Addition without carries beyond the next bit.
local function blend(x, y)
  return x ~ y ~ ((x & y) << 1)
end

local function permute(s, rounds)
  for _ = 1, rounds do
    for _, line in ipairs(LINES) do
      local i, j, k, l = line[1], line[2], line[3], line[4]
      local a, b, c, d = s[i], s[j], s[k], s[l]
      a = blend(a, b)
      d = rotate(a ~ d, 8)
      c = blend(c, d)
      b = rotate(b ~ c, 19)
      a = blend(a, b)
      d = rotate(a ~ d, 40)
      c = blend(c, d)
      b = rotate(b ~ c, 63)
      s[i], s[j], s[k], s[l] = a, b, c, d
    end
  end
end

local function addKey(s, key)
  for i = 1, 4 do
    s[12 + i] = s[12 + i] ~ key[i]
  end
end

local function start(key, nonce)
  assert(#key == 32, 'key must be 32 bytes long')
  assert(#nonce == 32, 'nonce must be 32 bytes long')
  local s = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 }
  permute(s, 2)
  local k = { string.unpack('<i8i8i8i8', key) }
  table.move({ string.unpack('<i8i8i8i8', nonce) }, 1, 4, 1, s)
  table.move(k, 1, 4, 5, s)
  -- Word size, rounds, parallelism and tag size are part of the start.
  for i, parameter in ipairs({ 64, ROUNDS, 1, 256 }) do
    s[12 + i] = s[12 + i] ~ parameter
  end
  permute(s, ROUNDS)
  addKey(s, k)
  return s, k
end

local function pad(text)
  if #text == RATE - 1 then return text .. '\129' end
  return text .. '\1' .. string.rep('\0', RATE - 2 - #text) .. '\128'
end

local BLOCK = '<' .. string.rep('i8', RATE // 8)

-- Calls visit(piece) for each piece of at most a block, the last one not full.
local function eachPiece(text, visit)
  if text == '' then return end
  for from = 1, #text + 1, RATE do
    visit(text:sub(from, from + RATE - 1))
  end
end

local function absorbBlock(s, block)
  local words = { string.unpack(BLOCK, block) }
  for i = 1, RATE // 8 do
    s[i] = s[i] ~ words[i]
  end
end

local function nextBlock(s, domain)
  s[16] = s[16] ~ domain
  permute(s, ROUNDS)
end

local function absorb(s, text, domain)
  eachPiece(text, function(piece)
    nextBlock(s, domain)
    absorbBlock(s, #piece == RATE and piece or pad(piece))
  end)
end

local function rateOf(s)
  return string.pack(BLOCK, table.unpack(s, 1, RATE // 8))
end

local function encryptText(s, text)
  local parts = {}
  eachPiece(text, function(piece)
    nextBlock(s, PAYLOAD)
    absorbBlock(s, #piece == RATE and piece or pad(piece))
    parts[#parts + 1] = rateOf(s):sub(1, #piece)
  end)
  return table.concat(parts)
end

local function decryptText(s, crypted)
  local parts = {}
  eachPiece(crypted, function(piece)
    nextBlock(s, PAYLOAD)
    local stream, plain = rateOf(s), {}
    for i = 1, #piece do
      plain[i] = string.char(piece:byte(i) ~ stream:byte(i))
    end
    local text = table.concat(plain)
    absorbBlock(s, #piece == RATE and text or pad(text))
    parts[#parts + 1] = text
  end)
  return table.concat(parts)
end

local function finish(s, key)
  nextBlock(s, TAG)
  addKey(s, key)
  permute(s, ROUNDS)
  addKey(s, key)
  return string.pack('<i8i8i8i8', table.unpack(s, 13, 16))
end

-- encrypt(key, nonce, text[, header[, trailer]]): the cipher text and the tag.
function norx.encrypt(key, nonce, text, header, trailer)
  local s, k = start(key, nonce)
  absorb(s, header or '', HEADER)
  local crypted = encryptText(s, text)
  absorb(s, trailer or '', TRAILER)
  return bytes(crypted .. finish(s, k))
end

-- The text; nil and a reason when the tag does not prove it.
function norx.decrypt(key, nonce, crypted, header, trailer)
  if #crypted < 32 then return nil, 'the encrypted text is too short' end
  local s, k = start(key, nonce)
  absorb(s, header or '', HEADER)
  local text = decryptText(s, crypted:sub(1, -33))
  absorb(s, trailer or '', TRAILER)
  if finish(s, k) ~= crypted:sub(-32) then return nil, 'authentication failed' end
  return text
end

return norx
