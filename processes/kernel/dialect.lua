-- AO runs Lua 5.3. On a later Lua this file puts back what programs can see of 5.3: the functions
-- that went, the ways in which strings count as numbers, a `require` without a second result. On
-- 5.3 it does nothing but name the search paths.
local floor, mathtype, tointeger = math.floor, math.type, math.tointeger

package.path = '/usr/local/share/lua/5.3/?.lua;/usr/local/share/lua/5.3/?/init.lua;'
  .. '/usr/local/lib/lua/5.3/?.lua;/usr/local/lib/lua/5.3/?/init.lua;./?.lua;./?/init.lua'
package.cpath = '/usr/local/lib/lua/5.3/?.so;/usr/local/lib/lua/5.3/loadall.so;./?.so'

if _VERSION == 'Lua 5.3' then return true end

_VERSION = 'Lua 5.3'
warn, coroutine.close = nil, nil

-- String arithmetic ------------------------------------------------------------------------------

local ARITHMETIC = {
  __add = function(a, b) return a + b end,
  __sub = function(a, b) return a - b end,
  __mul = function(a, b) return a * b end,
  __div = function(a, b) return a / b end,
  __mod = function(a, b) return a % b end,
  __pow = function(a, b) return a ^ b end,
  __idiv = function(a, b) return a // b end,
  __unm = function(a) return -a end,
}

local BITWISE = {
  __band = function(a, b) return a & b end,
  __bor = function(a, b) return a | b end,
  __bxor = function(a, b) return a ~ b end,
  __shl = function(a, b) return a << b end,
  __shr = function(a, b) return a >> b end,
  __bnot = function(a) return ~a end,
}

-- The other operand's own metamethod, when it has one and is no string.
local function foreignEvent(a, b, event)
  local other = type(a) == 'string' and b or a
  if type(other) == 'string' or type(other) == 'number' then return nil end
  local metatable = getmetatable(other)
  return type(metatable) == 'table' and metatable[event] or nil
end

-- What 5.3 calls the culprit: the operand that is no number at all, the second one first.
local function culprit(a, b)
  if type(b) ~= 'number' and not tonumber(b) then return type(b) end
  return type(a)
end

local strings = getmetatable('')

-- In 5.3 a string operand makes the whole operation one on floats.
for event, operate in pairs(ARITHMETIC) do
  strings[event] = function(a, b)
    local foreign = foreignEvent(a, b, event)
    if foreign then return foreign(a, b) end
    local x, y = tonumber(a), tonumber(b)
    if not x or not y then
      error('attempt to perform arithmetic on a ' .. culprit(a, b) .. ' value', 2)
    end
    return operate(x + 0.0, y + 0.0)
  end
end

for event, operate in pairs(BITWISE) do
  strings[event] = function(a, b)
    local foreign = foreignEvent(a, b, event)
    if foreign then return foreign(a, b) end
    local x, y = tonumber(a), tonumber(b)
    if not x or not y then
      error('attempt to perform bitwise operation on a ' .. culprit(a, b) .. ' value', 2)
    end
    x, y = tointeger(x), tointeger(y)
    if not x or not y then error('number has no integer representation', 2) end
    return operate(x, y)
  end
end

-- Functions that 5.4 dropped ---------------------------------------------------------------------

local exp, log = math.exp, math.log

function math.pow(x, y)
  return x ^ (y + 0.0)
end

function math.cosh(x)
  return (exp(x) + exp(-x)) / 2
end

function math.sinh(x)
  return (exp(x) - exp(-x)) / 2
end

function math.tanh(x)
  if x > 20 then return 1.0 end
  if x < -20 then return -1.0 end
  local up, down = exp(x), exp(-x)
  return (up - down) / (up + down)
end

function math.log10(x)
  return log(x, 10)
end

math.atan2 = math.atan

function math.ldexp(x, exponent)
  return x * 2.0 ^ exponent
end

function math.frexp(x)
  if x == 0 or x ~= x or x == math.huge or x == -math.huge then return x + 0.0, 0 end
  local exponent = floor(log(math.abs(x), 2)) + 1
  local mantissa = x / 2.0 ^ exponent
  if math.abs(mantissa) >= 1 then
    mantissa, exponent = mantissa / 2, exponent + 1
  elseif math.abs(mantissa) < 0.5 then
    mantissa, exponent = mantissa * 2, exponent - 1
  end
  return mantissa, exponent
end

-- bit32 ------------------------------------------------------------------------------------------

local MASK = 0xFFFFFFFF

local function word(x)
  return (mathtype(x) == 'integer' and x or floor(x)) & MASK
end

local function fold(initial, operate)
  return function(...)
    local result = initial
    for i = 1, select('#', ...) do
      result = operate(result, word((select(i, ...))))
    end
    return result
  end
end

bit32 = {
  band = fold(MASK, BITWISE.__band),
  bor = fold(0, BITWISE.__bor),
  bxor = fold(0, BITWISE.__bxor),
}
package.loaded['bit32'] = bit32

function bit32.btest(...)
  return bit32.band(...) ~= 0
end

function bit32.bnot(x)
  return ~word(x) & MASK
end

function bit32.lshift(x, by)
  return by < 0 and word(x) >> -by or (word(x) << by) & MASK
end

function bit32.rshift(x, by)
  return bit32.lshift(x, -by)
end

function bit32.arshift(x, by)
  x = word(x)
  if by <= 0 or x < 0x80000000 then return bit32.rshift(x, by) end
  if by >= 32 then return MASK end
  return (x >> by) | (~(MASK >> by) & MASK)
end

function bit32.lrotate(x, by)
  by, x = by % 32, word(x)
  return ((x << by) | (x >> (32 - by))) & MASK
end

function bit32.rrotate(x, by)
  return bit32.lrotate(x, -by)
end

function bit32.extract(x, field, width)
  return (word(x) >> field) & ~(MASK << (width or 1)) & MASK
end

function bit32.replace(x, value, field, width)
  local mask = ~(MASK << (width or 1)) & MASK
  return (word(x) & ~(mask << field) | (word(value) & mask) << field) & MASK
end

-- require and the collector ----------------------------------------------------------------------

-- 5.4 hands the searcher's second result on to the caller of `require`, and an Eval would take it
-- for an error; this searcher gives none.
package.searchers[1] = function(name)
  return package.preload[name] or "no field package.preload['" .. name .. "']"
end

local collect = collectgarbage

function collectgarbage(option, ...)
  if option == 'generational' or option == 'incremental' then
    local problem = "bad argument #1 to 'collectgarbage' (invalid option '%s')"
    error(problem:format(option), 2)
  end
  return collect(option or 'collect', ...)
end

return true
