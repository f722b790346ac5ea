-- JSON, both ways. Rules that programs can see follow kernel behaviour: `{}` is `[]`, numbers print
-- with 14 digits, functions in objects vanish, a null in an array leaves a hole, one trailing comma
-- is forgiven. A host may have a codec that does what is common by itself and leaves the rest, with
-- all errors, to what is written here: that says what is right, and need not be quick. The codec
-- knows nothing of a `pairs` or `type` that a program put in the place of Lua's own.
local byte, find, format, gsub = string.byte, string.find, string.format, string.gsub
local match, sub, concat = string.match, string.sub, table.concat
local mathtype, huge = math.type, math.huge

local codec = package.preload['.codec'] and require('.codec')

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

local function encodeString(text)
  return '"' .. gsub(text, '[\0-\31"\\]', escape) .. '"'
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

local function writeArray(array, out, open)
  for i = 1, checkArray(array) do
    out[#out + 1] = i == 1 and '[' or ','
    write(array[i], out, open)
  end
  out[#out + 1] = ']'
end

local function writeObject(object, out, open)
  local mark = '{'
  for key, value in pairs(object) do
    if type(key) ~= 'string' then error('invalid table: mixed or invalid key types') end
    if type(value) ~= 'function' then
      out[#out + 1] = mark .. encodeString(key) .. ':'
      mark = ','
      write(value, out, open)
    end
  end
  local empty = next(object) == nil and '[]' or '{}'
  out[#out + 1] = mark == '{' and empty or '}'
end

-- Appends the text of `value` to `out`; `open` holds the tables being written.
write = function(value, out, open)
  local kind = type(value)
  if kind == 'table' then
    if open[value] then error('circular reference') end
    open[value] = true
    local writeTable = rawget(value, 1) ~= nil and writeArray or writeObject
    writeTable(value, out, open)
    open[value] = nil
  elseif kind == 'string' then
    out[#out + 1] = encodeString(value)
  elseif kind == 'number' then
    out[#out + 1] = encodeNumber(value)
  elseif kind == 'boolean' then
    out[#out + 1] = value and 'true' or 'false'
  elseif kind == 'nil' then
    out[#out + 1] = 'null'
  else
    error("unexpected type '" .. kind .. "'")
  end
end

-- Text of a value; errors name what cannot be written.
function json.encode(value)
  local text = codec and codec.encode(value)
  if text then return text end
  local out = {}
  write(value, out, {})
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

-- The character that the escape at `at` stands for, and where the text goes on.
local function parseEscape(text, at)
  local letter = sub(text, at + 1, at + 1)
  if letter == 'u' then return parseUnicode(text, at + 1) end
  local plain = UNESCAPES[letter]
  if not plain then fail(text, at, "invalid escape char '\\" .. letter .. "' in string") end
  return plain, at + 2
end

-- The string that opens at `i` and the place after it.
local function parseString(text, i)
  local pieces, from = {}, i + 1
  while true do
    local stop = find(text, '["\\\0-\31]', from)
    if not stop then fail(text, i, 'expected closing quote for string') end
    pieces[#pieces + 1] = sub(text, from, stop - 1)
    local special = byte(text, stop)
    if special == 34 then return concat(pieces), stop + 1 end
    if special ~= 92 then fail(text, stop, 'control character in string') end
    pieces[#pieces + 1], from = parseEscape(text, stop)
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

local function parseArray(text, i)
  local array, n = {}, 0
  while true do
    i = skipSpace(text, i + 1)
    if byte(text, i) == 93 then return array, i + 1 end
    n = n + 1
    array[n], i = parse(text, i)
    i = skipSpace(text, i)
    local mark = byte(text, i)
    if mark == 93 then return array, i + 1 end
    if mark ~= 44 then fail(text, i + 1, "expected ']' or ','") end
  end
end

local function parseKey(text, i)
  if byte(text, i) ~= 34 then fail(text, i, 'expected string for key') end
  local key
  key, i = parseString(text, i)
  i = skipSpace(text, i)
  if byte(text, i) ~= 58 then fail(text, i, "expected ':' after key") end
  return key, skipSpace(text, i + 1)
end

local function parseObject(text, i)
  local object = {}
  while true do
    i = skipSpace(text, i + 1)
    if byte(text, i) == 125 then return object, i + 1 end
    local key
    key, i = parseKey(text, i)
    object[key], i = parse(text, i)
    i = skipSpace(text, i)
    local mark = byte(text, i)
    if mark == 125 then return object, i + 1 end
    if mark ~= 44 then fail(text, i + 1, "expected '}' or ','") end
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
  if codec then
    local isKnown, value = codec.decode(text)
    if isKnown then return value end
  end
  local value, after = parse(text, skipSpace(text, 1))
  after = skipSpace(text, after)
  if after <= #text then fail(text, after, 'trailing garbage') end
  return value
end

return json
