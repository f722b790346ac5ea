-- Operations of f32 and f64: WebAssembly 0x5B..0x66 and 0x8B..0xA6.
local rules = require('arbiter.float-rules')
local slots = require('arbiter.slots')

local ROUNDING = { rules.ceil, rules.floor, rules.truncate, rules.nearest, rules.sqrt }

local operations = {}

local function addFamily(kind, bits, sign, comparisons, first)
  for i, holds in ipairs(rules.COMPARISONS) do
    operations[comparisons + i - 1] = slots.binary(kind, 'bool', holds)
  end
  -- abs, neg and copysign touch the sign bit alone, of a NaN too.
  operations[first] = slots.unary(bits, bits, function(x) return x & ~sign end)
  operations[first + 1] = slots.unary(bits, bits, function(x) return x ~ sign end)
  for i, round in ipairs(ROUNDING) do
    operations[first + 1 + i] = slots.unary(kind, kind, round)
  end
  for i, compute in ipairs(rules.ARITHMETIC) do
    operations[first + 6 + i] = slots.binary(kind, kind, compute)
  end
  operations[first + 13] = slots.binary(bits, bits, function(x, y) return x & ~sign | y & sign end)
end

addFamily('f32', 'u32', 1 << 31, 0x5B, 0x8B)
addFamily('f64', 's64', 1 << 63, 0x61, 0x99)

return operations
