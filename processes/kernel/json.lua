-- JSON, both ways. The envelope of every message passes through here, so the common shapes (an
-- object of plain strings, a short integer) take one pattern match each. Rules that programs can
-- see follow kernel behaviour: `{}` is `[]`, numbers print with 14 digits, functions in objects
-- vanish, a null in an array leaves a hole, one trailing comma is forgiven.
local byte, find, format = string.byte, string.find, string.format
local gsub, match, sub = string.gsub, string.match, string.sub
local concat, mathtype, huge = table.concat, math.type, math.huge

local json = { _version = '0.2.0' }

-- Encoding ---------------------------------------------------------------------------------------

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
  return ESCAPES[c] or format('\\u%04x', byte(c))
end

-- Matches a text that needs no escapes.
local PLAIN = '^[^%c"\\]*$'

local function encodeString(text)
  if not find(text, PLAIN) then text = gsub(text, '[\0-\31"\\]', escape) end
  return '"' .. text .. '"'
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

local write

local function writeArray(array, out, n, open)
  local size = 0
  for key in pairs(array) do
    if type(key) ~= 'number' then error('invalid table: mixed or invalid key types') end
    size = size + 1
  end
  if size ~= #array then error('invalid table: sparse array') end
  for i = 1, size do
    n = n + 1
    out[n] = i == 1 and '[' or ','
    n = write(array[i], out, n, open)
  end
  n = n + 1
  out[n] = size == 0 and '[]' or ']'
  return n
end

-- Encoded keys with what goes before and after them; objects repeat the same few keys for ever.
local CACHE_LIMIT = 256
local firstKeys, otherKeys, cached = {}, {}, 0

local function encodeKey(key, isFirst)
  if type(key) ~= 'string' then error('invalid table: mixed or invalid key types') end
  if cached >= CACHE_LIMIT then
    firstKeys, otherKeys, cached = {}, {}, 0
  end
  local text = encodeString(key)
  firstKeys[key], otherKeys[key], cached = '{' .. text .. ':', ',' .. text .. ':', cached + 1
  return isFirst and firstKeys[key] or otherKeys[key]
end

local function writeObject(object, out, n, open)
  local isFirst = true
  for key, value in pairs(object) do
    local kind = type(value)
    local prefix = (isFirst and firstKeys or otherKeys)[key] or encodeKey(key, isFirst)
    if kind ~= 'function' then
      isFirst = false
      out[n + 1] = prefix
      if kind == 'string' and find(value, PLAIN) then
        out[n + 2], out[n + 3], out[n + 4] = '"', value, '"'
        n = n + 4
      else
        n = write(value, out, n + 1, open)
      end
    end
  end
  n = n + 1
  out[n] = isFirst and '{}' or '}'
  return n
end

-- Appends the text of `value` to `out` after slot `n`; `open` holds the tables being written.
write = function(value, out, n, open)
  local kind = type(value)
  if kind == 'table' then
    if open[value] then error('circular reference') end
    open[value] = true
    local isArray = rawget(value, 1) ~= nil or next(value) == nil
    n = (isArray and writeArray or writeObject)(value, out, n, open)
    open[value] = nil
    return n
  end
  n = n + 1
  if kind == 'string' then
    out[n] = encodeString(value)
  elseif kind == 'number' then
    out[n] = encodeNumber(value)
  elseif kind == 'boolean' then
    out[n] = value and 'true' or 'false'
  elseif kind == 'nil' then
    out[n] = 'null'
  else
    error("unexpected type '" .. kind .. "'")
  end
  return n
end

-- Text of a value; errors name what cannot be written.
function json.encode(value)
  local out = {}
  write(value, out, 0, {})
  return concat(out)
end

-- Decoding ---------------------------------------------------------------------------------------

local LITERALS = { ['true'] = true, ['false'] = false }

local UNESCAPES = {
  ['"'] = '"',
  ['\\'] = '\\',
  ['/'] = '/',
  b = '\b',
  f = '\f',
  n = '\n',
  r = '\r',
  t = '\t',
}

local function fail(text, at, message)
  local line, column = 1, 1
  for i = 1, at - 1 do
    column = column + 1
    if byte(text, i) == 10 then
      line, column = line + 1, 1
    end
  end
  error(format('%s at line %d col %d', message, line, column))
end

local function skipSpace(text, i)
  return find(text, '[^ \n\r\t]', i) or #text + 1
end

-- The character that `\uXXXX` at `i` stands for, and where the text goes on.
local function parseUnicode(text, i)
  local high, low = match(text, '^u([dD][89aAbB]%x%x)\\u([dD][c-fC-F]%x%x)', i)
  if high then
    local code = (tonumber(high, 16) - 0xD800) * 0x400 + (tonumber(low, 16) - 0xDC00) + 0x10000
    return utf8.char(code), i + 11
  end
  local digits = match(text, '^u(%x%x%x%x)', i)
  if not digits then fail(text, i - 1, 'invalid unicode escape in string') end
  return utf8.char(tonumber(digits, 16)), i + 5
end

-- `i` is at the opening quote.
local function parseString(text, i)
  local from, pieces = i + 1, nil
  while true do
    local at = find(text, '["\\\0-\31]', from)
    if not at then fail(text, i, 'expected closing quote for string') end
    local special = byte(text, at)
    if special == 34 then
      local last = sub(text, from, at - 1)
      if not pieces then return last, at + 1 end
      pieces[#pieces + 1] = last
      return concat(pieces), at + 1
    elseif special ~= 92 then
      fail(text, at, 'control character in string')
    end
    pieces = pieces or {}
    pieces[#pieces + 1] = sub(text, from, at - 1)
    local letter = sub(text, at + 1, at + 1)
    if letter == 'u' then
      pieces[#pieces + 1], from = parseUnicode(text, at + 1)
    else
      local plain = UNESCAPES[letter]
      if not plain then fail(text, at, "invalid escape char '\\" .. letter .. "' in string") end
      pieces[#pieces + 1], from = plain, at + 2
    end
  end
end

local function parseScalar(text, i)
  local first = sub(text, i, i)
  local word = match(text, '^[^ \n\r\t,%]}]*', i)
  if find(first, '[%d-]') then
    local number = tonumber(word)
    if not number then fail(text, i, "invalid number '" .. word .. "'") end
    return number, i + #word
  elseif find(first, '[tfn]') then
    if word ~= 'null' and LITERALS[word] == nil then
      fail(text, i, "invalid literal '" .. word .. "'")
    end
    return LITERALS[word], i + #word
  end
  fail(text, i, "unexpected character '" .. first .. "'")
end

local parse

-- An object of two plain strings, as every tag is: one match for the whole of it.
local PLAIN_TAG = '^{"([^"\\\0-\31]*)":"([^"\\\0-\31]*)",'
  .. '"([^"\\\0-\31]*)":"([^"\\\0-\31]*)"}'

local function parseArray(text, i)
  local array, n = {}, 0
  i = i + 1
  while true do
    i = skipSpace(text, i)
    if byte(text, i) == 93 then return array, i + 1 end
    n = n + 1
    local _, stop, key1, value1, key2, value2 = find(text, PLAIN_TAG, i)
    if stop then
      array[n], i = { [key1] = value1, [key2] = value2 }, stop + 1
    else
      array[n], i = parse(text, i)
    end
    i = skipSpace(text, i)
    local mark = byte(text, i)
    i = i + 1
    if mark == 93 then return array, i end
    if mark ~= 44 then fail(text, i, "expected ']' or ','") end
  end
end

local PLAIN_PAIR = '^[ \n\r\t]*"([^"\\\0-\31]*)"[ \n\r\t]*:[ \n\r\t]*'
  .. '"([^"\\\0-\31]*)"[ \n\r\t]*([,}])'
local PLAIN_SCALAR = '^"([^"\\\0-\31]*)":([%w.+-]+)([,}])'
local PLAIN_KEY = '^[ \n\r\t]*"([^"\\\0-\31]*)"[ \n\r\t]*:[ \n\r\t]*()'

local function parseKey(text, i)
  local _, _, key, after = find(text, PLAIN_KEY, i)
  if key then return key, after end
  i = skipSpace(text, i)
  if byte(text, i) ~= 34 then fail(text, i, 'expected string for key') end
  key, i = parseString(text, i)
  i = skipSpace(text, i)
  if byte(text, i) ~= 58 then fail(text, i, "expected ':' after key") end
  return key, skipSpace(text, i + 1)
end

-- One entry at `i`, of any shape, or the end of the object; the mark that follows and where it
-- ends.
local function parseEntry(text, i, object)
  i = skipSpace(text, i)
  if byte(text, i) == 125 then return '}', i end
  local key
  key, i = parseKey(text, i)
  object[key], i = parse(text, i)
  i = skipSpace(text, i)
  local mark = sub(text, i, i)
  if mark ~= '}' and mark ~= ',' then fail(text, i + 1, "expected '}' or ','") end
  return mark, i
end

local function parseObject(text, i)
  local object = {}
  i = i + 1
  while true do
    local _, stop, key, value, mark = find(text, PLAIN_PAIR, i)
    if stop then
      object[key] = value
    else
      local word
      _, stop, key, word, mark = find(text, PLAIN_SCALAR, i)
      value = word and tonumber(word)
      if value then
        object[key] = value
      else
        mark, stop = parseEntry(text, i, object)
      end
    end
    i = stop + 1
    if mark == '}' then return object, i end
  end
end

-- The value at `i` (not a space) and the place after it.
parse = function(text, i)
  local first = byte(text, i)
  if first == 34 then return parseString(text, i) end
  if first == 123 then return parseObject(text, i) end
  if first == 91 then return parseArray(text, i) end
  return parseScalar(text, i)
end

-- The value of a JSON text; errors end in ` at line L col C`.
function json.decode(text)
  if type(text) ~= 'string' then
    error('expected argument of type string, got ' .. type(text))
  end
  local value, after = parse(text, skipSpace(text, 1))
  after = skipSpace(text, after)
  if after <= #text then fail(text, after, 'trailing garbage') end
  return value
end

return json
