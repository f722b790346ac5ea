-- Operations of v128 on lanes of f32: 0x200 and the number behind WebAssembly's 0xFD.
local rules = require('arbiter.float-rules')
local slots = require('arbiter.slots')

local SIMD, SIGN = 0x200, 1 << 31

-- Towards zero, to the nearest there is; NaN gives 0.
local function truncateSaturating(x)
  if x ~= x then return 0 end
  if x <= -0x1p31 then return -0x80000000 end
  if x >= 0x1p31 then return 0x7FFFFFFF end
  return math.tointeger(rules.truncate(x))
end

local function toFloat(x) return x + 0.0 end

local operations = {
  [SIMD + 103] = slots.unaryLanes('f32', 'f32', rules.ceil),
  [SIMD + 104] = slots.unaryLanes('f32', 'f32', rules.floor),
  [SIMD + 105] = slots.unaryLanes('f32', 'f32', rules.truncate),
  [SIMD + 106] = slots.unaryLanes('f32', 'f32', rules.nearest),
  [SIMD + 224] = slots.unaryLanes('u32', 'u32', function(x) return x & ~SIGN end), -- abs
  [SIMD + 225] = slots.unaryLanes('u32', 'u32', function(x) return x ~ SIGN end), -- neg
  [SIMD + 227] = slots.unaryLanes('f32', 'f32', rules.sqrt),
  [SIMD + 248] = slots.unaryLanes('f32', 'u32', truncateSaturating),
  [SIMD + 250] = slots.unaryLanes('s32', 'f32', toFloat),
  [SIMD + 251] = slots.unaryLanes('u32', 'f32', toFloat),
}

for i, holds in ipairs(rules.COMPARISONS) do
  operations[SIMD + 64 + i] = slots.binaryLanes('f32', 'mask', holds)
end
for i, compute in ipairs(rules.ARITHMETIC) do -- add, sub, mul, div, min, max from 228
  operations[SIMD + 227 + i] = slots.binaryLanes('f32', 'f32', compute)
end

return operations
