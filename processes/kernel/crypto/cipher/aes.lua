-- AES in the modes CBC, ECB, CFB, OFB and CTR. Text that does not fill its last block is padded
-- with zero bytes, which decryption leaves in place.
local array = require('.crypto.util.array')
local block = require('.crypto.cipher.aes-block')
local bytes = require('.crypto.util.bytes')

local aes = {}

local function increment(counter)
  local next = array.copy(counter)
  for i = 16, 1, -1 do
    next[i] = (next[i] + 1) & 255
    if next[i] ~= 0 then break end
  end
  return next
end

-- Each mode: (keys, input block, chain) -> output block, next chain.
local ENCRYPT = {
  ECB = function(keys, input, chain)
    return block.encrypt(keys, input), chain
  end,
  CBC = function(keys, input, chain)
    local output = block.encrypt(keys, array.XOR(input, chain))
    return output, output
  end,
  CFB = function(keys, input, chain)
    local output = array.XOR(input, block.encrypt(keys, chain))
    return output, output
  end,
  OFB = function(keys, input, chain)
    local pad = block.encrypt(keys, chain)
    return array.XOR(input, pad), pad
  end,
  CTR = function(keys, input, chain)
    return array.XOR(input, block.encrypt(keys, chain)), increment(chain)
  end,
}

local DECRYPT = {
  ECB = function(keys, input, chain)
    return block.decrypt(keys, input), chain
  end,
  CBC = function(keys, input, chain)
    return array.XOR(block.decrypt(keys, input), chain), input
  end,
  CFB = function(keys, input, chain)
    return array.XOR(input, block.encrypt(keys, chain)), input
  end,
  OFB = ENCRYPT.OFB,
  CTR = ENCRYPT.CTR,
}

local function run(modes, input, key, iv, mode, keyLength)
  local step = modes[mode or 'CBC']
  if not step then error('Unsupported mode: ' .. tostring(mode)) end
  keyLength = keyLength or 128
  if #key * 8 ~= keyLength then
    error('a key of ' .. #key * 8 .. ' bits, but ' .. keyLength .. ' bits are asked for')
  end
  local keys = block.expand(array.fromString(key))
  local chain = array.fromString((iv or '') .. string.rep('\0', 16 - #(iv or '')))
  local parts = {}
  for from = 1, #input, 16 do
    local output
    output, chain = step(keys, array.slice(input, from, from + 15), chain)
    parts[#parts + 1] = array.toString(output)
  end
  return bytes(table.concat(parts), true)
end

-- encrypt(text, key[, iv[, mode = 'CBC'[, keyLength = 128]]]); hex in upper case.
function aes.encrypt(text, key, iv, mode, keyLength)
  local padded = text .. string.rep('\0', -#text % 16)
  return run(ENCRYPT, array.fromString(padded), key, iv, mode, keyLength)
end

-- As encrypt, with the hex of a cipher text.
function aes.decrypt(hex, key, iv, mode, keyLength)
  return run(DECRYPT, array.fromHex(hex), key, iv, mode, keyLength)
end

return aes
