-- From JSON to values. The envelope of every message passes through here, so strings are found by
-- plain searches, which cost a fraction of patterns; what is out of the ordinary (spaces, escapes,
-- control characters) takes the longer way below. The rules are told in json.lua.
local byte, find, format, match = string.byte, string.find, string.format, string.match
local concat, sub, maxinteger = table.concat, string.sub, math.maxinteger

local decoder = { raise = error }

-- Place of the next backslash, or of one that was read already; of the text being decoded.
local escapeAt
-- True for a text of the host, which has no control characters in its strings.
local isTrusted

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
  decoder.raise(format('%s at line %d col %d', message, line, column))
end

local function skipSpace(text, i)
  return find(text, '[^ \n\r\t]', i) or #text + 1
end

-- Strings ----------------------------------------------------------------------------------------

-- Whether a text has to be looked at closer: `%q` adds more than two quotes to whatever it escapes,
-- and finds that out in a quarter of the time of a pattern.
local function isOdd(piece)
  return #format('%q', piece) ~= #piece + 2
end

-- The string that opens at `i` and the place after it; nil if it is out of the ordinary.
local function parsePlain(text, i)
  local close = find(text, '"', i + 1, true)
  if not close then return nil end
  if escapeAt < i then escapeAt = find(text, '\\', i, true) or maxinteger end
  if escapeAt < close then return nil end
  local piece = sub(text, i + 1, close - 1)
  if not isTrusted and isOdd(piece) then return nil end
  return piece, close + 1
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

-- The character that the escape at `at` stands for, and where the text goes on.
local function parseEscape(text, at)
  local letter = sub(text, at + 1, at + 1)
  if letter == 'u' then return parseUnicode(text, at + 1) end
  local plain = UNESCAPES[letter]
  if not plain then fail(text, at, "invalid escape char '\\" .. letter .. "' in string") end
  return plain, at + 2
end

-- Any string; `i` is at the opening quote.
local function parseString(text, i)
  local pieces, n, from, close = {}, 0, i + 1, i
  while true do
    if escapeAt < from then escapeAt = find(text, '\\', from, true) or maxinteger end
    if close < from then close = find(text, '"', from, true) or maxinteger end
    local stop = close < escapeAt and close or escapeAt
    local piece = sub(text, from, stop - 1)
    local control = not isTrusted and isOdd(piece) and find(piece, '[\0-\31]')
    if control then fail(text, from + control - 1, 'control character in string') end
    if stop == maxinteger then fail(text, i, 'expected closing quote for string') end
    n = n + 1
    pieces[n] = piece
    if stop == close then return n == 1 and piece or concat(pieces), close + 1 end
    n = n + 1
    pieces[n], from = parseEscape(text, escapeAt)
  end
end

-- Other values -----------------------------------------------------------------------------------

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

-- A tag up to its value, when its name needs no escapes.
local TAG = '^{"name":"([^"]*)","value":"()'
-- An object of two plain strings: as large a table as two keys need.
local PAIR = '^{"([^"\\\0-\31]*)":"([^"\\\0-\31]*)","([^"\\\0-\31]*)":"([^"\\\0-\31]*)"}()'

local function parsePair(text, i)
  local key1, value1, key2, value2, stop = match(text, PAIR, i)
  if not stop then return parse(text, i) end
  return { [key1] = value1, [key2] = value2 }, stop
end

-- The object at `i`, which is a tag as a rule, and the place after it.
local function parseTag(text, i)
  local name, from = match(text, TAG, i)
  local close = from and find(text, '"', from, true)
  if not close or byte(text, close + 1) ~= 125 then return parsePair(text, i) end
  if escapeAt < i then escapeAt = find(text, '\\', i, true) or maxinteger end
  if escapeAt < close then return parse(text, i) end
  local value = sub(text, from, close - 1)
  if not isTrusted and (isOdd(name) or isOdd(value)) then return parse(text, i) end
  return { name = name, value = value }, close + 2
end

local function parseArray(text, i)
  local array, n = {}, 0
  i = i + 1
  while true do
    local first = byte(text, i)
    if first == 123 then
      n = n + 1
      array[n], i = parseTag(text, i)
    else
      i = skipSpace(text, i)
      if byte(text, i) == 93 then return array, i + 1 end
      n = n + 1
      array[n], i = parse(text, i)
    end
    local mark = byte(text, i)
    if mark ~= 44 and mark ~= 93 then
      i = skipSpace(text, i)
      mark = byte(text, i)
    end
    i = i + 1
    if mark == 93 then return array, i end
    if mark ~= 44 then fail(text, i, "expected ']' or ','") end
  end
end

local function parseKey(text, i)
  i = skipSpace(text, i)
  if byte(text, i) ~= 34 then fail(text, i, 'expected string for key') end
  local key
  key, i = parseString(text, i)
  i = skipSpace(text, i)
  if byte(text, i) ~= 58 then fail(text, i, "expected ':' after key") end
  return key, skipSpace(text, i + 1)
end

-- One entry at `i`, of any shape, or the end of the object; the mark that follows and where it is.
local function parseEntry(text, i, object)
  i = skipSpace(text, i)
  if byte(text, i) == 125 then return 125, i end
  local key
  key, i = parseKey(text, i)
  object[key], i = parse(text, i)
  i = skipSpace(text, i)
  local mark = byte(text, i)
  if mark ~= 125 and mark ~= 44 then fail(text, i + 1, "expected '}' or ','") end
  return mark, i
end

local PLAIN_KEY = '^"([^"]*)":()'
local PLAIN_SCALAR = '^([%w.+-]+)()'

-- A string, number or boolean, as most are, and the place after it; nil if it is another value.
local function parsePlainValue(text, i)
  if byte(text, i) == 34 then
    local close = find(text, '"', i + 1, true)
    local value = close and sub(text, i + 1, close - 1)
    if not close or not isTrusted and isOdd(value) then return nil end
    return value, close + 1
  end
  local word, stop = match(text, PLAIN_SCALAR, i)
  local value = LITERALS[word]
  if value == nil then value = tonumber(word) end
  return value, stop
end

-- An entry as most are, without spaces or escapes in it: the mark that follows and where it is; nil
-- if it is another one.
local function parsePlainEntry(text, i, object)
  local key, at = match(text, PLAIN_KEY, i)
  if not key or not isTrusted and isOdd(key) then return nil end
  local value, stop = parsePlainValue(text, at)
  if value == nil then return nil end
  if escapeAt < i then escapeAt = find(text, '\\', i, true) or maxinteger end
  local mark = byte(text, stop)
  if escapeAt < stop or mark ~= 44 and mark ~= 125 then return nil end
  object[key] = value
  return mark, stop
end

local function parseObject(text, i)
  local object = {}
  while true do
    i = i + 1
    local mark, stop = parsePlainEntry(text, i, object)
    if not mark then
      mark, stop = parseEntry(text, i, object)
    end
    i = stop
    if mark == 125 then return object, i + 1 end
  end
end

-- The value at `i` (not a space) and the place after it.
parse = function(text, i)
  local first = byte(text, i)
  if first == 34 then
    local piece, stop = parsePlain(text, i)
    if piece then return piece, stop end
    return parseString(text, i)
  end
  if first == 123 then return parseObject(text, i) end
  if first == 91 then return parseArray(text, i) end
  return parseScalar(text, i)
end

-- The value of a JSON text. `trusted`: there are no control characters in its strings.
function decoder.decode(text, trusted)
  escapeAt, isTrusted = 0, trusted
  local value, after = parse(text, skipSpace(text, 1))
  after = skipSpace(text, after)
  if after <= #text then fail(text, after, 'trailing garbage') end
  return value
end

return decoder
