-- Digests, keyed digests, key derivation and ciphers, as `require('.crypto')`.
local cipher = require('.crypto.cipher')

return {
  _version = '0.0.1',
  digest = require('.crypto.digest'),
  mac = require('.crypto.mac'),
  kdf = require('.crypto.kdf'),
  cipher = cipher,
  utils = require('.crypto.util'),
  random = cipher.issac.random,
}
