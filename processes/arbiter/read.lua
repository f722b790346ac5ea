-- Reads what a message says. Everything is checked before it is used: nil means not so.
local bint = require('.bint')(256)
local json = require('json')
local hex = require('arbiter.hex')

local HASH_BYTES = 32

-- No more wAR than this can exist (war.lua), and sums of it fit the 256 bits of a bint.
local MAX_QUANTITY_DIGITS = 76

local Read = {}

--- A whole number in decimal digits, within a range.
function Read.whole(text, least, greatest)
  if type(text) ~= 'string' or #text > 18 or not text:match('^%d+$') then return nil end
  local number = math.tointeger(tonumber(text))
  if number and number >= least and number <= greatest then return number end
end

--- A quantity of winston, without zeros in front; nil when it is not above zero, or too long.
function Read.quantity(text, mostDigits)
  if type(text) ~= 'string' or not text:match('^%d+$') then return nil end
  local digits = text:gsub('^0+', '')
  if digits == '' or #digits > (mostDigits or MAX_QUANTITY_DIGITS) then return nil end
  return tostring(bint(digits))
end

--- An id of a process or wallet, a job or a message.
function Read.id(text)
  if type(text) == 'string' and #text <= 64 and text:match('^[%w_-]+$') then return text end
end

--- The model that a message is about. The kernel writes the names of tags as Model-Id.
function Read.modelId(tags)
  return Read.id(tags['Model-Id'] or tags['Model-ID'])
end

--- A 32-byte hash out of hex.
function Read.hash(text)
  return hex.decode(text, HASH_BYTES)
end

--- Hashes out of their hex, one after another: at least `least`, at most `most`.
function Read.hashes(text, least, most)
  if type(text) ~= 'string' or #text % (2 * HASH_BYTES) ~= 0 then return nil end
  local count = #text // (2 * HASH_BYTES)
  local bytes = count >= least and count <= most and hex.decode(text)
  if not bytes then return nil end
  local hashes = {}
  for i = 1, count do hashes[i] = bytes:sub((i - 1) * HASH_BYTES + 1, i * HASH_BYTES) end
  return hashes
end

local WORDS = { ['""'] = true, ['true'] = true, ['false'] = true, null = true }

local function isNumber(word)
  local whole, rest = word:match('^%-?(%d+)(.*)$')
  return whole and (whole == '0' or whole:sub(1, 1) ~= '0') and (rest == '' or rest:find('^%.%d+$'))
end

--- Whether every reader of JSON takes this text, which the kernel's took: that forgives a comma too
--- many, 0x10 or 1., and then nobody else could read what the arbiter has accepted.
local function isStrict(text)
  local bare = text:gsub('\\.', ''):gsub('"[^"]*"', '""')
  if bare:find(',[ \n\r\t]*[%]}]') then return false end
  for word in bare:gmatch('[^ \n\r\t%[%]{},:]+') do
    if not WORDS[word] and not isNumber(word) then return false end
  end
  return true
end

--- An object out of strict JSON of at most so many bytes.
function Read.object(text, mostBytes)
  if type(text) ~= 'string' or #text > mostBytes then return nil end
  local ok, object = pcall(json.decode, text)
  if ok and type(object) == 'table' and isStrict(text) then return object end
end

--- The leaf of a list and its proof, as bytes: out of { leaf = hex, proof = array of hex }.
function Read.opening(value)
  if type(value) ~= 'table' or type(value.proof) ~= 'table' then return nil end
  local leaf, siblings = Read.hash(value.leaf), {}
  for i, text in ipairs(value.proof) do
    siblings[i] = Read.hash(text)
    if not siblings[i] then return nil end
  end
  return leaf, table.concat(siblings)
end

return Read
