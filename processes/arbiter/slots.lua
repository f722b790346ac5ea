-- How values lie in a slot of 16 bytes, and how a plain function becomes an operation on slots.
--
-- The name of a type says how its bits are read: s32, u32, s64, f32, f64, in lanes also s8, u8, s16
-- and u16. An operation is { reads = how many slots, run = function(a, b, c, immediate) } where
-- `run` returns a slot, or nil and the status of a trap. It can be given any bytes.
local pack, unpack, rep = string.pack, string.unpack, string.rep

-- Every NaN that is computed is this one, because machines differ in its other bits.
local NAN = { f32 = pack('<I4', 0x7FC00000), f64 = pack('<I8', 0x7FF8000000000000) }

local READ = {
  s8 = 'i1', u8 = 'I1', s16 = 'i2', u16 = 'I2', s32 = 'i4', u32 = 'I4', s64 = 'i8', f32 = 'f',
  f64 = 'd',
}

local function bitsWriter(format, mask)
  return function(value) return pack(format, value & mask) end
end

local function floatWriter(kind)
  local format, nan = '<' .. READ[kind], NAN[kind]
  -- To pack a number as a float rounds it as the hardware does, to infinity too.
  return function(value) return value == value and pack(format, value) or nan end
end

-- Bytes of a value; an integer is cut to its bits, whatever its sign. A mask is a lane of 32 bits.
local WRITE = {
  u16 = bitsWriter('<I2', 0xFFFF), u32 = bitsWriter('<I4', 0xFFFFFFFF),
  s64 = bitsWriter('<i8', -1), f32 = floatWriter('f32'), f64 = floatWriter('f64'),
  bool = function(holds) return holds and '\1\0\0\0' or '\0\0\0\0' end,
  mask = function(holds) return holds and '\255\255\255\255' or '\0\0\0\0' end,
}

local slots = { ZERO = rep('\0', 16) }

--- A slot that holds these bytes and zeros behind them.
function slots.extend(bytes) return bytes .. rep('\0', 16 - #bytes) end

local function scalar(reads, from, to, compute)
  local format, write = '<' .. READ[from], WRITE[to]
  local function run(a, b)
    local value, trap = compute((unpack(format, a)), b and (unpack(format, b)))
    if value == nil then return nil, trap end
    return slots.extend(write(value))
  end
  return { reads = reads, run = run }
end

--- Operation of a function of one value, or of two of the same type.
function slots.unary(from, to, compute) return scalar(1, from, to, compute) end
function slots.binary(from, to, compute) return scalar(2, from, to, compute) end

function slots.laneCount(kind) return 16 // string.packsize(READ[kind]) end

--- A function from a slot, or the part of one that has `count` lanes, to the array of its lanes.
function slots.laneReader(kind, count)
  local format = '<' .. rep(READ[kind], count or slots.laneCount(kind))
  return function(slot) return { unpack(format, slot) } end
end

--- The bytes of the first `count` values of an array, as lanes.
function slots.writeLanes(to, values, count)
  local write, lanes = WRITE[to], {}
  for i = 1, count do lanes[i] = write(values[i]) end
  return table.concat(lanes)
end

local function lanewise(reads, from, to, compute)
  local read, count = slots.laneReader(from), slots.laneCount(from)
  local function run(a, b)
    local x, y = read(a), b and read(b)
    for i = 1, count do x[i] = compute(x[i], y and y[i]) end
    return slots.writeLanes(to, x, count)
  end
  return { reads = reads, run = run }
end

--- Operation of a function on every lane of one slot, or of two.
function slots.unaryLanes(from, to, compute) return lanewise(1, from, to, compute) end
function slots.binaryLanes(from, to, compute) return lanewise(2, from, to, compute) end

--- Operation of a function on every lane of one slot and the low 32 bits of another.
function slots.lanesAndScalar(from, to, compute)
  local read, count = slots.laneReader(from), slots.laneCount(from)
  local function run(a, b)
    local x, by = read(a), (unpack('<I4', b))
    for i = 1, count do x[i] = compute(x[i], by) end
    return slots.writeLanes(to, x, count)
  end
  return { reads = 2, run = run }
end

return slots
