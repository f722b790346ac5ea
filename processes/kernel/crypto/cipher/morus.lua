-- MORUS-1280 (Wu and Huang, CAESAR third round): encryption with a tag of 16 bytes that proves text
-- and associated data. The state is five registers of four 64-bit words.
local bytes = require('.crypto.util.bytes')

local morus = {}

-- Per step: rotation of every word, and the register whose words move, by how many places.
local ROTATIONS = { 13, 46, 38, 7, 4 }
local MOVES = { { 4, 1 }, { 5, 2 }, { 1, 3 }, { 2, 2 }, { 3, 1 } }

-- Fibonacci numbers modulo 256.
local CONSTANT = '\0\1\1\2\3\5\8\13\21\34\55\89\144\233\121\98'
  .. '\219\61\24\85\109\194\47\241\32\17\49\66\115\181\40\221'

local ZERO = { 0, 0, 0, 0 }

local function words(text)
  return { string.unpack('<i8i8i8i8', text .. string.rep('\0', 32 - #text)) }
end

local function move(register, by)
  local out = {}
  for i = 1, 4 do
    out[(i + by - 1) % 4 + 1] = register[i]
  end
  return out
end

local function update(state, message)
  for i = 1, 5 do
    local own, x, y, z = state[i], state[i % 5 + 1], state[(i + 1) % 5 + 1], state[(i + 2) % 5 + 1]
    local out, by = {}, ROTATIONS[i]
    for w = 1, 4 do
      local sum = own[w] ~ (x[w] & y[w]) ~ z[w]
      if i > 1 then sum = sum ~ message[w] end
      out[w] = sum << by | sum >> (64 - by)
    end
    state[i] = out
    local moved = MOVES[i]
    state[moved[1]] = move(state[moved[1]], moved[2])
  end
end

local function xor(a, b)
  return { a[1] ~ b[1], a[2] ~ b[2], a[3] ~ b[3], a[4] ~ b[4] }
end

local function keystream(state)
  local out = {}
  for w = 1, 4 do
    out[w] = state[1][w] ~ state[2][w % 4 + 1] ~ (state[3][w] & state[4][w])
  end
  return out
end

local function start(key, iv, ad)
  assert(#key == 16 or #key == 32, 'key must be 16 or 32 bytes long')
  assert(#iv == 16, 'iv must be 16 bytes long')
  local k = words(#key == 16 and key .. key or key)
  local state = { words(iv), k, { -1, -1, -1, -1 }, ZERO, words(CONSTANT) }
  for _ = 1, 16 do
    update(state, ZERO)
  end
  state[2] = xor(state[2], k)
  for from = 1, #ad, 32 do
    update(state, words(ad:sub(from, from + 31)))
  end
  return state
end

local function finish(state, adSize, size)
  state[5] = xor(state[5], state[1])
  local lengths = { adSize * 8, size * 8, 0, 0 }
  for _ = 1, 10 do
    update(state, lengths)
  end
  return string.pack('<i8i8', table.unpack(keystream(state), 1, 2))
end

-- `isPlain`: whether `text` is the plain text, which is what the state takes in.
local function crypt(state, text, isPlain)
  local parts = {}
  for from = 1, #text, 32 do
    local piece = text:sub(from, from + 31)
    local out = string.pack('<i8i8i8i8', table.unpack(xor(words(piece), keystream(state))))
    out = out:sub(1, #piece)
    parts[#parts + 1] = out
    update(state, words(isPlain and piece or out))
  end
  return table.concat(parts)
end

-- The associated data in clear, the cipher text, the tag.
function morus.encrypt(key, iv, text, ad)
  ad = ad or ''
  local state = start(key, iv, ad)
  local crypted = crypt(state, text, true)
  return bytes(ad .. crypted .. finish(state, #ad, #text))
end

-- The text; nil and a reason when the tag does not prove it. `adSize`: size of the associated data.
function morus.decrypt(key, iv, crypted, adSize)
  adSize = adSize or 0
  if #crypted < adSize + 16 then return nil, 'the encrypted text is too short' end
  local ad = crypted:sub(1, adSize)
  local state = start(key, iv, ad)
  local text = crypt(state, crypted:sub(adSize + 1, -17), false)
  if finish(state, adSize, #text) ~= crypted:sub(-16) then return nil, 'authentication failed' end
  return text
end

return morus
