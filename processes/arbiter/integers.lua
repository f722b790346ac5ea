-- Operations of i32 and i64: WebAssembly 0x45..0x5A and 0x67..0x8A. Both have the same functions:
-- an i32 is read with its sign spread over 64 bits, or as unsigned, and cut to 32 when written.
local slots = require('arbiter.slots')
local state = require('arbiter.state')

local ult = math.ult

--- Quotient of two unsigned 64-bit integers.
local function divideUnsigned(x, y)
  if y < 0 then return ult(x, y) and 0 or 1 end
  if x >= 0 then return x // y end
  local quotient = (x >> 1) // y << 1
  return ult(x - quotient * y, y) and quotient or quotient + 1
end

local function shiftRightSigned(x, by)
  return x < 0 and ~(~x >> by) or x >> by
end

-- In the order of their opcodes. Unsigned order is also right between two spread signs.
local COMPARISONS = {
  function(x, y) return x == y end, -- eq
  function(x, y) return x ~= y end, -- ne
  function(x, y) return x < y end, -- lt_s
  function(x, y) return ult(x, y) end, -- lt_u
  function(x, y) return x > y end, -- gt_s
  function(x, y) return ult(y, x) end, -- gt_u
  function(x, y) return x <= y end, -- le_s
  function(x, y) return not ult(y, x) end, -- le_u
  function(x, y) return x >= y end, -- ge_s
  function(x, y) return not ult(x, y) end, -- ge_u
}

local function countFunctions(bits)
  return {
    function(x) -- clz
      local count = 0
      while count < bits and x >> (bits - 1 - count) & 1 == 0 do count = count + 1 end
      return count
    end,
    function(x) -- ctz
      local count = 0
      while count < bits and x >> count & 1 == 0 do count = count + 1 end
      return count
    end,
    function(x) -- popcnt
      local count = 0
      while x ~= 0 do x, count = x & (x - 1), count + 1 end
      return count
    end,
  }
end

local function unlessZero(divide)
  return function(x, y)
    if y == 0 then return nil, state.DIVISION_BY_ZERO end
    return divide(x, y)
  end
end

-- { whether operands are read with their sign, function }, in the order of the opcodes.
local function arithmetic(bits)
  local least, wrap = -1 << (bits - 1), bits - 1
  return {
    { true, function(x, y) return x + y end },
    { true, function(x, y) return x - y end },
    { true, function(x, y) return x * y end },
    { true, unlessZero(function(x, y) -- div_s rounds towards zero, // down
      if x == least and y == -1 then return nil, state.INTEGER_OVERFLOW end
      return (x - math.fmod(x, y)) // y
    end) },
    { false, unlessZero(divideUnsigned) },
    { true, unlessZero(math.fmod) }, -- rem_s has the sign of x
    { false, unlessZero(function(x, y) return x - divideUnsigned(x, y) * y end) },
    { true, function(x, y) return x & y end },
    { true, function(x, y) return x | y end },
    { true, function(x, y) return x ~ y end },
    { true, function(x, y) return x << (y & wrap) end },
    { true, function(x, y) return shiftRightSigned(x, y & wrap) end },
    { false, function(x, y) return x >> (y & wrap) end },
    { false, function(x, y) return x << (y & wrap) | x >> (bits - (y & wrap)) end }, -- rotl
    { false, function(x, y) return x >> (y & wrap) | x << (bits - (y & wrap)) end }, -- rotr
  }
end

local operations = {}

local function addFamily(bits, signed, unsigned, to, comparisons, counts)
  operations[comparisons] = slots.unary(signed, 'bool', function(x) return x == 0 end)
  for i, holds in ipairs(COMPARISONS) do
    operations[comparisons + i] = slots.binary(signed, 'bool', holds)
  end
  for i, count in ipairs(countFunctions(bits)) do
    operations[counts + i - 1] = slots.unary(unsigned, to, count)
  end
  for i, entry in ipairs(arithmetic(bits)) do
    operations[counts + 2 + i] = slots.binary(entry[1] and signed or unsigned, to, entry[2])
  end
end

addFamily(32, 's32', 'u32', 'u32', 0x45, 0x67)
addFamily(64, 's64', 's64', 's64', 0x50, 0x79)

return operations
