-- Arithmetic on fixed-size big integers as arrays of 32-bit words, lowest first, two's complement.
-- `n` is the number of words; a product of two words and two carries just fits Lua's 64 bits.
local ult = math.ult

local words = {}

local MASK = 0xFFFFFFFF

-- A new array of zeros; the size that money has at one go, because to grow takes longer.
local function zeros(n)
  if n == 8 then return { 0, 0, 0, 0, 0, 0, 0, 0 } end
  local out = {}
  for i = 1, n do
    out[i] = 0
  end
  return out
end

words.zero = zeros

-- The low words of a Lua integer, sign extended.
function words.fromInteger(x, n)
  local out = zeros(n)
  for i = 1, n do
    out[i] = x & MASK
    x = x // 4294967296
  end
  return out
end

function words.isZero(a, n)
  for i = 1, n do
    if a[i] ~= 0 then return false end
  end
  return true
end

function words.isNegative(a, n)
  return a[n] >= 0x80000000
end

-- How many words count: 0 for zero.
local function significant(a, n)
  while n > 0 and a[n] == 0 do
    n = n - 1
  end
  return n
end

-- Unsigned: negative, 0 or positive as a < b, a == b, a > b.
function words.compare(a, b, n)
  for i = n, 1, -1 do
    if a[i] ~= b[i] then return a[i] - b[i] end
  end
  return 0
end

function words.add(a, b, n)
  local out, carry = zeros(n), 0
  for i = 1, n do
    local sum = a[i] + b[i] + carry
    out[i] = sum & MASK
    carry = sum >> 32
  end
  return out
end

function words.subtract(a, b, n)
  local out, borrow = zeros(n), 0
  for i = 1, n do
    local difference = a[i] - b[i] - borrow
    out[i] = difference & MASK
    borrow = difference >> 63
  end
  return out
end

function words.negate(a, n)
  local out, carry = zeros(n), 1
  for i = 1, n do
    local sum = (~a[i] & MASK) + carry
    out[i] = sum & MASK
    carry = sum >> 32
  end
  return out
end

-- The low `n` words of the product.
function words.multiply(a, b, n)
  local out = words.zero(n)
  local used = significant(b, n)
  for i = 1, significant(a, n) do
    local x, carry = a[i], 0
    if x ~= 0 then
      local last = used < n - i + 1 and used or n - i + 1
      for j = 1, last do
        local at = i + j - 1
        local sum = x * b[j] + out[at] + carry
        out[at] = sum & MASK
        carry = sum >> 32
      end
      if i + last <= n then out[i + last] = carry end
    end
  end
  return out
end

-- In place: a * factor + carry, both small (below 2^32).
function words.scale(a, factor, carry, n)
  for i = 1, n do
    local sum = a[i] * factor + carry
    a[i] = sum & MASK
    carry = sum >> 32
  end
end

-- In place: a / divisor (below 2^31), unsigned. The remainder.
function words.divideSmall(a, divisor, n)
  local remainder = 0
  for i = n, 1, -1 do
    local part = remainder << 32 | a[i]
    local quotient = part // divisor
    a[i], remainder = quotient, part - quotient * divisor
  end
  return remainder
end

function words.shiftLeft(a, by, n)
  local out, whole, bits = {}, by // 32, by % 32
  for i = n, 1, -1 do
    local high, low = a[i - whole] or 0, a[i - whole - 1] or 0
    out[i] = (high << bits | low >> (32 - bits)) & MASK
  end
  return out
end

-- Logical: zeros come in from above.
function words.shiftRight(a, by, n)
  local out, whole, bits = {}, by // 32, by % 32
  for i = 1, n do
    local low, high = a[i + whole] or 0, a[i + whole + 1] or 0
    out[i] = (low >> bits | high << (32 - bits)) & MASK
  end
  return out
end

-- Unsigned 64-bit division by a divisor below 2^32.
local function divide64(x, divisor)
  if x >= 0 then return x // divisor end
  local quotient = ((x >> 1) // divisor) << 1
  if not ult(x - quotient * divisor, divisor) then quotient = quotient + 1 end
  return quotient
end

-- Knuth's D, one digit: the quotient word for u[j+1 .. j+size+1] by v, subtracted from u.
local function divideStep(u, v, size, j)
  local top, second = v[size], v[size - 1]
  local part = u[j + size + 1] << 32 | u[j + size]
  local guess = divide64(part, top)
  local rest = part - guess * top
  while guess > MASK or ult(rest << 32 | u[j + size - 1], guess * second) do
    guess, rest = guess - 1, rest + top
    if rest > MASK then break end
  end
  local carry, borrow = 0, 0
  for i = 1, size do
    local product = guess * v[i] + carry
    local difference = u[j + i] - (product & MASK) - borrow
    u[j + i] = difference & MASK
    carry, borrow = product >> 32, difference >> 63
  end
  local difference = u[j + size + 1] - carry - borrow
  u[j + size + 1] = difference & MASK
  if difference >= 0 then return guess end
  carry = 0
  for i = 1, size do
    local sum = u[j + i] + v[i] + carry
    u[j + i] = sum & MASK
    carry = sum >> 32
  end
  u[j + size + 1] = (u[j + size + 1] + carry) & MASK
  return guess - 1
end

-- Quotient and remainder, unsigned; b is not zero.
function words.divide(a, b, n)
  local size, used = significant(b, n), significant(a, n)
  if size <= 2 and used <= 2 and (a[2] or 0) < 0x80000000 and (b[2] or 0) < 0x80000000 then
    local x, y = a[1] | (a[2] or 0) << 32, b[1] | (b[2] or 0) << 32
    return words.fromInteger(x // y, n), words.fromInteger(x % y, n)
  end
  if size == 1 and b[1] < 0x80000000 then
    local quotient = table.move(a, 1, n, 1, {})
    return quotient, words.fromInteger(words.divideSmall(quotient, b[1], n), n)
  end
  local shift = 0
  while b[size] << shift < 0x80000000 do
    shift = shift + 1
  end
  -- One more word, so that nothing is shifted out of the dividend.
  local u = table.move(a, 1, n, 1, {})
  u[n + 1] = 0
  u = words.shiftLeft(u, shift, n + 1)
  local v = words.shiftLeft(b, shift, n)
  v[0] = 0
  local quotient = words.zero(n)
  u[0] = 0
  for j = n - size, 0, -1 do
    quotient[j + 1] = divideStep(u, v, size, j)
  end
  u[0], u[n + 1] = nil, nil
  return quotient, words.shiftRight(u, shift, n)
end

return words
