-- Keyed digests as the reference module makes them: like HMAC (RFC 2104), but padded to 32 bytes
-- where the standard has the block of the digest, 64. Results differ from real HMAC.
local array = require('.crypto.util.array')
local bytes = require('.crypto.util.bytes')
local stream = require('.crypto.util.stream')

local hmac = {}

local DIGESTS = {
  sha1 = require('.crypto.digest.sha1').digest,
  sha256 = require('.crypto.digest.sha2_256').SHA2_256,
}

local function xorAll(text, value)
  return (text:gsub('[\0-\255]', function(c)
    return string.char(c:byte() ~ value)
  end))
end

-- HMAC of strings with any block size; RFC 2104 with that of the digest.
function hmac.compute(digest, block, key, text)
  if #key > block then key = digest(key) end
  key = key .. string.rep('\0', block - #key)
  return digest(xorAll(key, 0x5C) .. digest(xorAll(key, 0x36) .. text))
end

-- createHmac(stream, keyArray[, 'sha1' or 'sha256'])
function hmac.createHmac(data, key, algorithm)
  algorithm = algorithm or 'sha1'
  local digest = DIGESTS[algorithm]
  if not digest then error('Unsupported algorithm: ' .. tostring(algorithm)) end
  return bytes(hmac.compute(digest, 32, array.toString(key), stream.toString(data)))
end

return hmac
