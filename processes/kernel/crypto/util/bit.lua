-- Bit operations on 32-bit words, as functions.
local MASK = 0xFFFFFFFF

local bit = {}

function bit.band(a, b)
  return a & b
end

function bit.bor(a, b)
  return a | b
end

function bit.bxor(a, b)
  return a ~ b
end

function bit.bnot(a)
  return ~a & MASK
end

function bit.lshift(a, by)
  return (a << by) & MASK
end

function bit.rshift(a, by)
  return (a & MASK) >> by
end

function bit.lrotate(a, by)
  by, a = by % 32, a & MASK
  return (a << by | a >> (32 - by)) & MASK
end

function bit.rrotate(a, by)
  return bit.lrotate(a, -by)
end

return bit
