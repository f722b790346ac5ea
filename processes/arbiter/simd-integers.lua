-- Operations of v128 on bits and integer lanes: 0x200 and the number behind WebAssembly's 0xFD.
local slots = require('arbiter.slots')

local SIMD = 0x200
local unaryLanes, binaryLanes = slots.unaryLanes, slots.binaryLanes

-- Lane number of an instruction, one of `count`.
local function laneOf(immediate, count) return immediate:byte() % count end

local function splat(size)
  return { reads = 1, run = function(a) return a:sub(1, size):rep(16 // size) end }
end

local function extractLane(kind)
  local read, count = slots.laneReader(kind), slots.laneCount(kind)
  local function run(a, _, _, immediate)
    return slots.extend(slots.writeLanes('u32', { read(a)[laneOf(immediate, count) + 1] }, 1))
  end
  return { reads = 1, run = run }
end

-- Lanes of 32 bits move as they are, floats as well: a NaN keeps its bits.
local function replaceLane(a, b, _, immediate)
  local at = 4 * laneOf(immediate, 4)
  return a:sub(1, at) .. b:sub(1, 4) .. a:sub(at + 5)
end

local function shuffle(a, b, _, immediate)
  local both, bytes = a .. b, {}
  for i = 1, 16 do
    local from = immediate:byte(i) % 32 + 1
    bytes[i] = both:sub(from, from)
  end
  return table.concat(bytes)
end

-- The lanes of the lower or upper 8 bytes, in twice the width.
local function extend(kind, to, from)
  local count = slots.laneCount(kind) // 2
  local read = slots.laneReader(kind, count)
  local function run(a) return slots.writeLanes(to, read(a:sub(from, from + 7)), count) end
  return { reads = 1, run = run }
end

local readShorts = slots.laneReader('s16')

local function dot(a, b)
  local x, y, sums = readShorts(a), readShorts(b), {}
  for i = 1, 4 do sums[i] = x[2 * i - 1] * y[2 * i - 1] + x[2 * i] * y[2 * i] end
  return slots.writeLanes('u32', sums, 4)
end

local readWords = slots.laneReader('u32')

local function hasNoZero(a)
  local x = readWords(a)
  return slots.extend(x[1] ~= 0 and x[2] ~= 0 and x[3] ~= 0 and x[4] ~= 0 and '\1' or '')
end

local function isNotZero(a) return slots.extend(a ~= slots.ZERO and '\1' or '') end

local function bitselect(a, b, c)
  local x, y = string.unpack('<i8i8', a)
  local v, w = string.unpack('<i8i8', b)
  local m, n = string.unpack('<i8i8', c)
  return string.pack('<i8i8', x & m | v & ~m, y & n | w & ~n)
end

local function add(x, y) return x + y end
local function subtract(x, y) return x - y end
local function multiply(x, y) return x * y end

return {
  [SIMD + 13] = { reads = 2, run = shuffle },
  [SIMD + 15] = splat(1),
  [SIMD + 16] = splat(2),
  [SIMD + 17] = splat(4),
  [SIMD + 18] = splat(8),
  [SIMD + 19] = splat(4), -- f32x4
  [SIMD + 20] = splat(8), -- f64x2
  [SIMD + 21] = extractLane('s8'),
  [SIMD + 22] = extractLane('u8'),
  [SIMD + 24] = extractLane('s16'),
  [SIMD + 25] = extractLane('u16'),
  [SIMD + 27] = extractLane('u32'),
  [SIMD + 28] = { reads = 2, run = replaceLane },
  [SIMD + 31] = extractLane('u32'), -- f32x4
  [SIMD + 32] = { reads = 2, run = replaceLane },

  [SIMD + 55] = binaryLanes('s32', 'mask', function(x, y) return x == y end),
  [SIMD + 56] = binaryLanes('s32', 'mask', function(x, y) return x ~= y end),
  [SIMD + 57] = binaryLanes('s32', 'mask', function(x, y) return x < y end),
  [SIMD + 59] = binaryLanes('s32', 'mask', function(x, y) return x > y end),
  [SIMD + 61] = binaryLanes('s32', 'mask', function(x, y) return x <= y end),
  [SIMD + 63] = binaryLanes('s32', 'mask', function(x, y) return x >= y end),

  [SIMD + 77] = unaryLanes('s64', 's64', function(x) return ~x end),
  [SIMD + 78] = binaryLanes('s64', 's64', function(x, y) return x & y end),
  [SIMD + 79] = binaryLanes('s64', 's64', function(x, y) return x & ~y end),
  [SIMD + 80] = binaryLanes('s64', 's64', function(x, y) return x | y end),
  [SIMD + 81] = binaryLanes('s64', 's64', function(x, y) return x ~ y end),
  [SIMD + 82] = { reads = 3, run = bitselect },
  [SIMD + 83] = { reads = 1, run = isNotZero },

  [SIMD + 135] = extend('s8', 'u16', 1),
  [SIMD + 136] = extend('s8', 'u16', 9),
  [SIMD + 137] = extend('u8', 'u16', 1),
  [SIMD + 138] = extend('u8', 'u16', 9),
  -- The sign of a lane is spread over 64 bits, so that it is what a shift to the right brings in.
  [SIMD + 139] = slots.lanesAndScalar('u16', 'u16', function(x, by) return x << (by & 15) end),
  [SIMD + 140] = slots.lanesAndScalar('s16', 'u16', function(x, by) return x >> (by & 15) end),
  [SIMD + 141] = slots.lanesAndScalar('u16', 'u16', function(x, by) return x >> (by & 15) end),
  [SIMD + 142] = binaryLanes('u16', 'u16', add),
  [SIMD + 145] = binaryLanes('u16', 'u16', subtract),
  [SIMD + 149] = binaryLanes('u16', 'u16', multiply),

  [SIMD + 160] = unaryLanes('s32', 'u32', function(x) return x < 0 and -x or x end),
  [SIMD + 161] = unaryLanes('s32', 'u32', function(x) return -x end),
  [SIMD + 163] = { reads = 1, run = hasNoZero },
  [SIMD + 167] = extend('s16', 'u32', 1),
  [SIMD + 168] = extend('s16', 'u32', 9),
  [SIMD + 169] = extend('u16', 'u32', 1),
  [SIMD + 170] = extend('u16', 'u32', 9),
  [SIMD + 171] = slots.lanesAndScalar('u32', 'u32', function(x, by) return x << (by & 31) end),
  [SIMD + 172] = slots.lanesAndScalar('s32', 'u32', function(x, by) return x >> (by & 31) end),
  [SIMD + 173] = slots.lanesAndScalar('u32', 'u32', function(x, by) return x >> (by & 31) end),
  [SIMD + 174] = binaryLanes('u32', 'u32', add),
  [SIMD + 177] = binaryLanes('u32', 'u32', subtract),
  [SIMD + 181] = binaryLanes('u32', 'u32', multiply),
  [SIMD + 182] = binaryLanes('s32', 'u32', math.min),
  [SIMD + 184] = binaryLanes('s32', 'u32', math.max),
  [SIMD + 186] = { reads = 2, run = dot },
}
