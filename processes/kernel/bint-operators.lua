-- What can be done with two bints: arithmetic, three kinds of division, bits.
local words = require('.bint-words')

local function addArithmetic(bint)
  local n = bint.size
  local function make(w)
    return setmetatable(w, bint)
  end

  function bint.zero()
    return make(words.zero(n))
  end

  function bint.one()
    return make(words.fromInteger(1, n))
  end

  function bint.mininteger()
    local w = words.zero(n)
    w[n] = 0x80000000
    return make(w)
  end

  function bint.maxinteger()
    return bint.mininteger() - 1
  end

  -- The operator on words where both operands are integers, on Lua numbers otherwise.
  local function operator(onWords, onNumbers)
    return function(x, y)
      local a, b = bint.tobint(x), bint.tobint(y)
      if a and b then return make(onWords(a, b, n)) end
      return onNumbers(bint.tonumber(x), bint.tonumber(y))
    end
  end

  bint.__add = operator(words.add, function(x, y) return x + y end)
  bint.__sub = operator(words.subtract, function(x, y) return x - y end)
  bint.__mul = operator(words.multiply, function(x, y) return x * y end)

  function bint.__unm(x)
    return make(words.negate(bint.new(x), n))
  end

  function bint.__div(x, y)
    return bint.tonumber(x) / bint.tonumber(y)
  end

  function bint.__pow(x, y)
    return bint.tonumber(x) ^ bint.tonumber(y)
  end

  function bint.abs(x)
    local a = bint.tobint(x)
    if not a then return math.abs(bint.tonumber(x)) end
    return words.isNegative(a, n) and bint.__unm(a) or bint.tobint(a, true)
  end

  function bint.inc(x)
    return bint.__add(x, 1)
  end

  function bint.dec(x)
    return bint.__sub(x, 1)
  end

  local function rounded(round)
    return function(x)
      if bint.isbint(x) then return bint.tobint(x, true) end
      return bint.new(round(tonumber(x)))
    end
  end

  bint.floor, bint.ceil = rounded(math.floor), rounded(math.ceil)
  bint.trunc = rounded(function(x)
    return x < 0 and math.ceil(x) or math.floor(x)
  end)

  -- The methods with an underscore change their object.
  local function assign(self, value)
    return table.move(bint.new(value), 1, n, 1, self)
  end

  bint._assign = assign

  for name, operation in pairs({
    _add = bint.__add,
    _sub = bint.__sub,
    _inc = bint.inc,
    _dec = bint.dec,
    _abs = bint.abs,
    _unm = bint.__unm,
  }) do
    bint[name] = function(self, y)
      return assign(self, operation(self, y))
    end
  end
end

local function addDivision(bint)
  local n = bint.size
  local function make(w)
    return setmetatable(w, bint)
  end

  -- Quotient and remainder as unsigned integers.
  function bint.udivmod(x, y)
    local a, b = bint.new(x), bint.new(y)
    if words.isZero(b, n) then bint.failDivision() end
    local quotient, remainder = words.divide(a, b, n)
    return make(quotient), make(remainder)
  end

  -- Rounds toward zero.
  function bint.tdivmod(x, y)
    local a, b = bint.new(x), bint.new(y)
    local quotient, remainder = bint.udivmod(bint.abs(a), bint.abs(b))
    if bint.isneg(a) ~= bint.isneg(b) then quotient = -quotient end
    if bint.isneg(a) then remainder = -remainder end
    return quotient, remainder
  end

  -- Rounds toward minus infinity, as Lua does.
  function bint.idivmod(x, y)
    local quotient, remainder = bint.tdivmod(x, y)
    if not bint.iszero(remainder) and bint.isneg(remainder) ~= bint.isneg(bint.new(y)) then
      return quotient - 1, remainder + y
    end
    return quotient, remainder
  end

  for _, kind in ipairs({ 'u', 't', 'i' }) do
    local divmod = bint[kind .. 'divmod']
    bint[kind .. 'div'] = function(x, y)
      return (divmod(x, y))
    end
    bint[kind .. 'mod'] = function(x, y)
      return (select(2, divmod(x, y)))
    end
  end

  function bint.__idiv(x, y)
    local a, b = bint.tobint(x), bint.tobint(y)
    if a and b then return (bint.idivmod(a, b)) end
    return bint.tonumber(x) // bint.tonumber(y)
  end

  function bint.__mod(x, y)
    local a, b = bint.tobint(x), bint.tobint(y)
    if a and b then return (select(2, bint.idivmod(a, b))) end
    return bint.tonumber(x) % bint.tonumber(y)
  end

  -- x to the power of y, wrapping; y is not negative.
  function bint.ipow(x, y)
    local base, power, result = bint.new(x), bint.new(y), bint.one()
    if bint.isneg(power) then return bint.zero() end
    while not words.isZero(power, n) do
      if bint.isodd(power) then result = result * base end
      base, power = base * base, power >> 1
    end
    return result
  end

  -- x to the power of y modulo m, unsigned.
  function bint.upowmod(x, y, m)
    local modulus = bint.new(m)
    local base, power, result = bint.umod(x, modulus), bint.new(y), bint.one()
    if bint.isone(modulus) then return bint.zero() end
    while not words.isZero(power, n) do
      if bint.isodd(power) then result = bint.umod(result * base, modulus) end
      base, power = bint.umod(base * base, modulus), power >> 1
    end
    return result
  end
end

local function addBits(bint)
  local n = bint.size
  local function make(w)
    return setmetatable(w, bint)
  end

  local function shift(x, by)
    local a = bint.new(x)
    if by >= bint.bits or by <= -bint.bits then return bint.zero() end
    if by < 0 then return make(words.shiftRight(a, -by, n)) end
    return make(words.shiftLeft(a, by, n))
  end

  local function count(y)
    return assert(bint.tointeger(y), 'shift count must be an integer')
  end

  function bint.__shl(x, y)
    return shift(x, count(y))
  end

  -- Logical: zeros come in from above.
  function bint.__shr(x, y)
    return shift(x, -count(y))
  end

  local function bitwise(operate)
    return function(x, y)
      local a, b, w = bint.new(x), bint.new(y), {}
      for i = 1, n do
        w[i] = operate(a[i], b[i])
      end
      return make(w)
    end
  end

  bint.__band = bitwise(function(a, b) return a & b end)
  bint.__bor = bitwise(function(a, b) return a | b end)
  bint.__bxor = bitwise(function(a, b) return a ~ b end)

  function bint.__bnot(x)
    return bint.__bxor(x, -1)
  end

  function bint.shlone(x)
    return shift(x, 1)
  end

  function bint.shrone(x)
    return shift(x, -1)
  end

  -- The low y bits of x.
  function bint.bwrap(x, y)
    y = count(y)
    if y <= 0 then return bint.zero() end
    if y >= bint.bits then return bint.new(x) end
    return bint.__band(x, (bint.one() << y) - 1)
  end

  function bint.brol(x, y)
    y = count(y) % bint.bits
    return shift(x, y) | shift(x, y - bint.bits)
  end

  function bint.bror(x, y)
    return bint.brol(x, -count(y))
  end

  for name, operation in pairs({
    _band = bint.__band,
    _bor = bint.__bor,
    _bxor = bint.__bxor,
    _bnot = bint.__bnot,
    _shlone = bint.shlone,
    _shrone = bint.shrone,
  }) do
    bint[name] = function(self, y)
      return bint._assign(self, operation(self, y))
    end
  end
end

return function(bint)
  addArithmetic(bint)
  addDivision(bint)
  addBits(bint)
end
