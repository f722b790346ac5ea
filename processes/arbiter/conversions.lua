-- Conversions between the number types: WebAssembly 0xA7..0xBF.
local rules = require('arbiter.float-rules')
local slots = require('arbiter.slots')
local state = require('arbiter.state')

local function keep(x) return x end

-- Float to whole number from `least` to below `limit`, towards zero.
local function truncation(least, limit)
  return function(x)
    if x ~= x then return nil, state.INVALID_CONVERSION end
    local whole = rules.truncate(x)
    if whole < least or whole >= limit then return nil, state.INTEGER_OVERFLOW end
    if whole >= 0x1p63 then return math.tointeger(whole - 0x1p63) | math.mininteger end
    return math.tointeger(whole)
  end
end

local TRUNCATIONS = {
  u32 = { truncation(-0x1p31, 0x1p31), truncation(0.0, 0x1p32) },
  s64 = { truncation(-0x1p63, 0x1p63), truncation(0.0, 0x1p64) },
}

local function fromSigned(x) return x + 0.0 end

-- Half of the number, rounded to odd if a bit is lost: then the conversion rounds right.
local function fromUnsigned(x)
  if x >= 0 then return x + 0.0 end
  return (x >> 1 | x & 1) * 2.0
end

-- To round to f64 and then to f32 would be wrong: here the first rounding is to odd, at 53 bits.
local function f32FromUnsigned(x)
  if x >> 53 == 0 then return x + 0.0 end
  return (x >> 11 | (x & 0x7FF ~= 0 and 1 or 0)) * 2048.0
end

local function f32FromSigned(x)
  if x < 0 then return -f32FromUnsigned(-x) end
  return f32FromUnsigned(x)
end

local operations = {
  [0xA7] = slots.unary('u32', 'u32', keep), -- i32.wrap_i64
  [0xAC] = slots.unary('s32', 's64', keep), -- i64.extend_i32_s
  [0xAD] = slots.unary('u32', 's64', keep),
  [0xB2] = slots.unary('s32', 'f32', fromSigned), -- f32.convert
  [0xB3] = slots.unary('u32', 'f32', fromSigned),
  [0xB4] = slots.unary('s64', 'f32', f32FromSigned),
  [0xB5] = slots.unary('s64', 'f32', f32FromUnsigned),
  [0xB6] = slots.unary('f64', 'f32', keep), -- f32.demote_f64
  [0xB7] = slots.unary('s32', 'f64', fromSigned), -- f64.convert
  [0xB8] = slots.unary('u32', 'f64', fromSigned),
  [0xB9] = slots.unary('s64', 'f64', fromSigned),
  [0xBA] = slots.unary('s64', 'f64', fromUnsigned),
  [0xBB] = slots.unary('f32', 'f64', keep), -- f64.promote_f32
  [0xBC] = slots.unary('u32', 'u32', keep), -- reinterpret
  [0xBD] = slots.unary('s64', 's64', keep),
  [0xBE] = slots.unary('u32', 'u32', keep),
  [0xBF] = slots.unary('s64', 's64', keep),
}

-- i32.trunc from 0xA8, i64.trunc from 0xAE: f32 signed and unsigned, then f64.
for to, first in pairs({ u32 = 0xA8, s64 = 0xAE }) do
  for i, truncate in ipairs(TRUNCATIONS[to]) do
    operations[first + i - 1] = slots.unary('f32', to, truncate)
    operations[first + i + 1] = slots.unary('f64', to, truncate)
  end
end

return operations
