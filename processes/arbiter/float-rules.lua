-- What WebAssembly says about floats and plain Lua does not, for f64. The same functions serve f32:
-- every f32 is an f64, and one more rounding to f32 behind + - * / or a square root in f64 never
-- shows, because 53 bits are more than twice 24 and two.
local rules = {}

--- Rounding keeps the sign of a zero; // keeps it too, math.floor does not.
function rules.floor(x) return x // 1.0 end
function rules.ceil(x) return -(-x // 1.0) end
function rules.truncate(x)
  if x < 0 then return rules.ceil(x) end
  return rules.floor(x)
end

--- Rounds to the nearest whole number, in the middle to the even one: as adding 2^52 does.
function rules.nearest(x)
  local size = x < 0 and -x or x
  if x == 0 or not (size < 0x1p52) then return x end
  size = size + 0x1p52 - 0x1p52
  return x < 0 and -size or size
end

--- Smaller and greater of two: NaN if one is, and -0 is smaller than 0.
function rules.min(x, y)
  if x ~= x or y ~= y then return x + y end
  if x < y or x == y and 1 / x < 0 then return x end
  return y
end

function rules.max(x, y)
  if x ~= x or y ~= y then return x + y end
  if x > y or x == y and 1 / x > 0 then return x end
  return y
end

rules.sqrt = math.sqrt

-- In the order of their opcodes, which f32 and f64 and f32x4 share.
rules.COMPARISONS = {
  function(x, y) return x == y end,
  function(x, y) return x ~= y end,
  function(x, y) return x < y end,
  function(x, y) return x > y end,
  function(x, y) return x <= y end,
  function(x, y) return x >= y end,
}
rules.ARITHMETIC = {
  function(x, y) return x + y end,
  function(x, y) return x - y end,
  function(x, y) return x * y end,
  function(x, y) return x / y end,
  rules.min,
  rules.max,
}

return rules
