-- JSON, both ways; decoding is in json-decoder.lua. The envelope of every message passes through
-- here, so the common shapes are quick. Rules that programs can see follow kernel behaviour: `{}`
-- is `[]`, numbers print with 14 digits, functions in objects vanish, a null in an array leaves a
-- hole, one trailing comma is forgiven.
local decoder = require('.json-decoder')

local byte, find, format, gsub = string.byte, string.find, string.format, string.gsub
local concat, mathtype, huge = table.concat, math.type, math.huge

local json = { _version = '0.2.0' }

local ESCAPES = {
  ['"'] = '\\"',
  ['\\'] = '\\\\',
  ['\b'] = '\\b',
  ['\f'] = '\\f',
  ['\n'] = '\\n',
  ['\r'] = '\\r',
  ['\t'] = '\\t',
}

local function escape(c)
  return ESCAPES[c] or c ~= '\127' and format('\\u%04x', byte(c)) or c
end

-- Texts that needed escapes, as JSON: prompts and colours repeat for ever.
local CACHE_LIMIT = 256
local escaped, escapedCount = {}, 0

local function escapeText(text)
  if not find(text, '"', 1, true) and not find(text, '\\', 1, true) then
    return '"' .. gsub(text, '%c', escape) .. '"' -- the quicker pattern
  end
  return '"' .. gsub(text, '[\0-\31"\\]', escape) .. '"'
end

local function encodeOdd(text)
  if #text > CACHE_LIMIT then return escapeText(text) end
  local known = escaped[text]
  if known then return known end
  if escapedCount >= CACHE_LIMIT then
    escaped, escapedCount = {}, 0
  end
  known = escapeText(text)
  escaped[text], escapedCount = known, escapedCount + 1
  return known
end

-- `%q` puts a text that needs no escapes between quotes, and makes any other one longer.
local function encodeString(text)
  local quoted = format('%q', text)
  if #quoted == #text + 2 then return quoted end
  return encodeOdd(text)
end

local function encodeNumber(number)
  if mathtype(number) == 'integer' and number < 100000000 and number > -100000000 then
    return format('%d', number)
  end
  if number ~= number or number <= -huge or number >= huge then
    error("unexpected number value '" .. tostring(number) .. "'")
  end
  return format('%.14g', number)
end

local encode

-- Encoded keys with their colons; objects repeat the same few keys for ever.
local keys, keyCount = {}, 0

local function encodeKey(key)
  if type(key) ~= 'string' then error('invalid table: mixed or invalid key types') end
  if keyCount >= CACHE_LIMIT then
    keys, keyCount = {}, 0
  end
  local text = encodeString(key) .. ':'
  keys[key], keyCount = text, keyCount + 1
  return text
end

-- Tags are written at one go, if they need no escapes: nil for any other table.
local NAME_FIRST, VALUE_FIRST = '{"name":%q,"value":%q}', '{"value":%q,"name":%q}'
local TAG_BYTES = #NAME_FIRST

local function encodeTag(tag)
  local first, one = next(tag)
  local second, other = next(tag, first)
  local template = first == 'name' and second == 'value' and NAME_FIRST
    or first == 'value' and second == 'name' and VALUE_FIRST
  if not template or next(tag, second) ~= nil then return nil end
  if type(one) ~= 'string' or type(other) ~= 'string' then return nil end
  local text = format(template, one, other)
  return #text == #one + #other + TAG_BYTES and text or nil
end

-- Texts that are longer go to a list, so that they are not copied again with all that follows.
local PIECE = 4096

-- Errors name what keeps a table from being an array.
local function checkArray(array)
  local size = 0
  for key in pairs(array) do
    if type(key) ~= 'number' then error('invalid table: mixed or invalid key types') end
    size = size + 1
  end
  if size ~= #array then error('invalid table: sparse array') end
  return size
end

local function encodeArray(array, depth, open)
  local pieces, text, mark = nil, '', '['
  for i = 1, checkArray(array) do
    local item = array[i]
    text = text .. mark .. (type(item) == 'table' and encodeTag(item) or encode(item, depth, open))
    mark = ','
    if #text > PIECE then
      pieces = pieces or {}
      pieces[#pieces + 1], text = text, ''
    end
  end
  if pieces then text = concat(pieces) .. text end
  return text .. ']'
end

local function encodeObject(object, depth, open)
  local pieces, text, mark = nil, '', '{'
  for key, value in pairs(object) do
    local prefix = keys[key] or encodeKey(key)
    local kind = type(value)
    if kind == 'string' then
      local quoted = format('%q', value)
      if #quoted ~= #value + 2 then quoted = encodeOdd(value) end
      text, mark = text .. mark .. prefix .. quoted, ','
    elseif kind ~= 'function' then
      text, mark = text .. mark .. prefix .. encode(value, depth, open), ','
    end
    if #text > PIECE then
      pieces = pieces or {}
      pieces[#pieces + 1], text = text, ''
    end
  end
  if mark == '{' then return next(object) == nil and '[]' or '{}' end
  if pieces then text = concat(pieces) .. text end
  return text .. '}'
end

-- Tables nested deeper are watched for cycles.
local DEPTH_PLAIN = 32

-- `open` holds the watched tables that are being encoded.
local function encodeTable(value, depth, open)
  local isWatched = depth > DEPTH_PLAIN
  if isWatched then
    open = open or {}
    if open[value] then error('circular reference') end
    open[value] = true
  end
  local encodeAs = rawget(value, 1) ~= nil and encodeArray or encodeObject
  local text = encodeAs(value, depth, open)
  if isWatched then open[value] = nil end
  return text
end

encode = function(value, depth, open)
  local kind = type(value)
  if kind == 'table' then return encodeTable(value, depth + 1, open) end
  if kind == 'string' then return encodeString(value) end
  if kind == 'number' then return encodeNumber(value) end
  if kind == 'boolean' then return value and 'true' or 'false' end
  if kind == 'nil' then return 'null' end
  error("unexpected type '" .. kind .. "'")
end

-- Text of a value; errors name what cannot be written.
function json.encode(value)
  return encode(value, 0)
end

-- Here, so that the error names this module, as programs know it.
function decoder.raise(message)
  error(message)
end

-- The value of a JSON text; errors end in ` at line L col C`.
function json.decode(text)
  if type(text) ~= 'string' then
    error('expected argument of type string, got ' .. type(text))
  end
  return decoder.decode(text)
end

return json
