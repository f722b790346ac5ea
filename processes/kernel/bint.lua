-- Integers of a fixed size, any size: `local bint = require('.bint')(256)`. They wrap around at
-- 2^(bits-1) like Lua's own, mix with Lua integers and integer strings in arithmetic and in
-- comparisons with < and <=, and turn into floats where an operand is a fraction, and under / and
-- ^.
local words = require('.bint-words')

local WORD_BITS = 32
local DIGITS = '0123456789abcdefghijklmnopqrstuvwxyz'
local LUA_DIGITS = 18 -- characters of a text that is a Lua integer for certain

-- Conversions ------------------------------------------------------------------------------------

local function addConversions(bint)
  local n = bint.size
  local function make(w)
    return setmetatable(w, bint)
  end

  function bint.isbint(x)
    return getmetatable(x) == bint
  end

  function bint.frominteger(x)
    local integer = math.tointeger(x)
    return integer and make(words.fromInteger(integer, n)) or nil
  end

  -- As frominteger, but the bits above 64 are zero.
  function bint.fromuinteger(x)
    local integer = math.tointeger(x)
    if not integer then return nil end
    local w = words.zero(n)
    w[1] = integer & 0xFFFFFFFF
    if n > 1 then w[2] = integer >> 32 end
    return make(w)
  end

  -- nil when the text is not a number in this base (2 to 36, default 10).
  function bint.frombase(text, base)
    base = base or 10
    if type(text) ~= 'string' or base < 2 or base > 36 then return nil end
    local sign, digits = text:lower():match('^([+-]?)(%w+)$')
    if not digits then return nil end
    local w, step = words.zero(n), 1
    while base ^ (step + 1) < 2 ^ 31 do
      step = step + 1
    end
    for i = 1, #digits, step do
      local part = digits:sub(i, i + step - 1)
      local value = tonumber(part, base)
      if not value then return nil end
      words.scale(w, math.tointeger(base ^ #part), value, n)
    end
    return make(sign == '-' and words.negate(w, n) or w)
  end

  -- Decimal, 0x hexadecimal or 0b binary text.
  function bint.fromstring(text)
    if type(text) ~= 'string' then return nil end
    if text:find('^[+-]?%d+$') then
      if #text <= LUA_DIGITS then return bint.frominteger(tonumber(text)) end
      return bint.frombase(text, 10)
    end
    local sign, mark, digits = text:match('^([+-]?)0([xXbB])(%x+)$')
    if not mark then return nil end
    return bint.frombase(sign .. digits, mark:lower() == 'x' and 16 or 2)
  end

  function bint.fromle(buffer)
    local w = words.zero(n)
    for i = 1, math.min(#buffer, n * 4) do
      local at = (i - 1) // 4 + 1
      w[at] = w[at] | buffer:byte(i) << (i - 1) % 4 * 8
    end
    return make(w)
  end

  function bint.frombe(buffer)
    return bint.fromle(buffer:reverse())
  end

  -- The bint for a bint, integer, integral float or integer string; else nil. `clone` copies a
  -- bint.
  function bint.tobint(x, clone)
    if getmetatable(x) == bint then
      return clone and make(table.move(x, 1, n, 1, {})) or x
    end
    if type(x) == 'number' then return bint.frominteger(x) end
    if type(x) == 'string' then return bint.fromstring(x) end
    return nil
  end

  -- As tobint, and a Lua number where that fails.
  function bint.parse(x, clone)
    return bint.tobint(x, clone) or tonumber(x)
  end

  function bint.new(x)
    local value = bint.tobint(x, true)
    if not value then error('value cannot be represented by a bint') end
    return value
  end

  function bint.touinteger(x)
    if not bint.isbint(x) then return math.tointeger(x) end
    return x[1] | (x[2] or 0) << 32
  end

  -- The low 64 bits of a bint; a Lua integer, or nil, for anything else.
  function bint.tointeger(x)
    if not bint.isbint(x) then
      local number = tonumber(x)
      return number and math.tointeger(number)
    end
    if n == 1 then return x[1] - (x[1] >> 31 << 32) end
    return x[1] | x[2] << 32
  end

  local function fitsInteger(x)
    local fill = words.isNegative(x, n) and 0xFFFFFFFF or 0
    if n > 1 and x[2] >> 31 ~= fill >> 31 then return false end
    for i = 3, n do
      if x[i] ~= fill then return false end
    end
    return true
  end

  function bint.tonumber(x)
    if not bint.isbint(x) then return tonumber(x) end
    if fitsInteger(x) then return bint.tointeger(x) end
    return tonumber(tostring(x)) + 0.0
  end

  -- `unsigned` defaults to true for bases other than 10.
  function bint.tobase(x, base, unsigned)
    x = bint.tobint(x)
    base = base or 10
    if not x or base < 2 or base > 36 then return nil end
    if unsigned == nil then unsigned = base ~= 10 end
    local isNegative = not unsigned and words.isNegative(x, n)
    local w = isNegative and words.negate(x, n) or table.move(x, 1, n, 1, {})
    local step, factor = 1, base
    while factor * base < 0x80000000 do
      step, factor = step + 1, factor * base
    end
    local parts = {}
    repeat
      local rest = words.divideSmall(w, factor, n)
      for _ = 1, step do
        table.insert(parts, DIGITS:sub(rest % base + 1, rest % base + 1))
        rest = rest // base
      end
    until words.isZero(w, n)
    local digits = table.concat(parts):reverse():gsub('^0+(.)', '%1')
    return (isNegative and '-' or '') .. digits
  end

  -- Bytes, lowest first; `trim` drops zero bytes at the high end.
  function bint.tole(x, trim)
    local parts = {}
    for i, word in ipairs(bint.new(x)) do
      parts[i] = string.pack('<I4', word)
    end
    local bytes = table.concat(parts)
    return trim and (bytes:gsub('\0+$', '')) or bytes
  end

  function bint.tobe(x, trim)
    return bint.tole(x, trim):reverse()
  end

  function bint.failDivision()
    error('attempt to divide by zero')
  end

  function bint:__tostring()
    if fitsInteger(self) then return tostring(bint.tointeger(self)) end
    return bint.tobase(self, 10)
  end
end

-- Questions --------------------------------------------------------------------------------------

local function addQuestions(bint)
  local n = bint.size

  function bint.type(x)
    return bint.isbint(x) and 'bint' or math.type(x)
  end

  function bint.isintegral(x)
    return bint.isbint(x) or math.tointeger(x) ~= nil
  end

  function bint.isnumeric(x)
    return bint.isbint(x) or type(x) == 'number'
  end

  function bint.iszero(x)
    if bint.isbint(x) then return words.isZero(x, n) end
    return bint.eq(x, 0)
  end

  function bint.isone(x)
    return bint.eq(x, 1)
  end

  function bint.isminusone(x)
    return bint.eq(x, -1)
  end

  function bint.isneg(x)
    if bint.isbint(x) then return words.isNegative(x, n) end
    return x < 0
  end

  function bint.ispos(x)
    return not bint.isneg(x) and not bint.iszero(x)
  end

  function bint.isodd(x)
    if bint.isbint(x) then return x[1] & 1 == 1 end
    return math.tointeger(x) ~= nil and x % 2 == 1
  end

  function bint.iseven(x)
    return not bint.isodd(x)
  end

  function bint.eq(x, y)
    local a, b = bint.tobint(x), bint.tobint(y)
    if a and b then return words.compare(a, b, n) == 0 end
    return x == y
  end

  function bint.ult(x, y)
    return words.compare(bint.new(x), bint.new(y), n) < 0
  end

  function bint.ule(x, y)
    return words.compare(bint.new(x), bint.new(y), n) <= 0
  end

  local function isLess(x, y, orEqual)
    local a, b = bint.tobint(x), bint.tobint(y)
    if not a or not b then
      local left, right = bint.tonumber(x), bint.tonumber(y)
      if orEqual then return left <= right end
      return left < right
    end
    local negative = words.isNegative(a, n)
    if negative ~= words.isNegative(b, n) then return negative end
    local order = words.compare(a, b, n)
    return order < 0 or (orEqual and order == 0)
  end

  bint.__eq = bint.eq

  function bint.__lt(x, y)
    return isLess(x, y, false)
  end

  function bint.__le(x, y)
    return isLess(x, y, true)
  end

  function bint.max(x, y)
    return bint.new(isLess(x, y, false) and y or x)
  end

  function bint.min(x, y)
    return bint.new(isLess(x, y, false) and x or y)
  end
end

-- Types by size ----------------------------------------------------------------------------------

local types = {}

-- The type of `bits` bits, a multiple of 32; the same table every time.
return function(bits)
  local size = math.tointeger(bits // WORD_BITS)
  if not size or size < 1 or bits % WORD_BITS ~= 0 then
    error('bitsize is not multiple of word bitsize')
  end
  if types[size] then return types[size] end
  local bint = { bits = bits, size = size }
  bint.__index = bint
  setmetatable(bint, {
    __call = function(_, x)
      return bint.new(x)
    end,
  })
  addConversions(bint)
  addQuestions(bint)
  require('.bint-operators')(bint)
  types[size] = bint
  return bint
end
