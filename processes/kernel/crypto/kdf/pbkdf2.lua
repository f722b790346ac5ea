-- PBKDF2 (RFC 8018) with HMAC-SHA-1 or HMAC-SHA-256, standard results.
local array = require('.crypto.util.array')
local bytes = require('.crypto.util.bytes')
local compute = require('.crypto.mac.hmac').compute

local DIGESTS = {
  sha1 = require('.crypto.digest.sha1').digest,
  sha256 = require('.crypto.digest.sha2_256').SHA2_256,
}

local function xor(a, b)
  return array.toString(array.XOR(array.fromString(a), array.fromString(b)))
end

local function block(digest, password, salt, iterations, index)
  local step = compute(digest, 64, password, salt .. string.pack('>I4', index))
  local result = step
  for _ = 2, iterations do
    step = compute(digest, 64, password, step)
    result = xor(result, step)
  end
  return result
end

-- pbkdf2(passwordArray, saltArray, iterations, keyLength[, 'sha1' or 'sha256']); hex in upper case.
local function pbkdf2(password, salt, iterations, keyLength, algorithm)
  local digest = DIGESTS[algorithm or 'sha1']
  if not digest then error('Unsupported algorithm: ' .. tostring(algorithm)) end
  password, salt = array.toString(password), array.toString(salt)
  local text, index = '', 1
  while #text < keyLength do
    text, index = text .. block(digest, password, salt, iterations, index), index + 1
  end
  return bytes(text:sub(1, keyLength), true)
end

return { pbkdf2 = pbkdf2 }
