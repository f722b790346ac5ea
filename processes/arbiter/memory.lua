-- Loads and stores: WebAssembly 0x28..0x3E, and of v128 0x200 and the number behind 0xFD.
-- A load is { how many bytes it reads, function from these to a slot }, a store how many it writes.
local slots = require('arbiter.slots')

local SIMD = 0x200

--- Spreads the sign of a number of this format over 8 bytes, cut to `size`.
local function signed(format, size)
  return function(bytes)
    return slots.extend(string.pack('<i8', (string.unpack(format, bytes))):sub(1, size))
  end
end

--- Widens each of the lanes in 8 bytes to twice its bits.
local function widened(kind, to)
  local count = slots.laneCount(kind) // 2
  local read = slots.laneReader(kind, count)
  return function(bytes) return slots.writeLanes(to, read(bytes), count) end
end

local function splat(bytes) return bytes:rep(16 // #bytes) end

local extend = slots.extend

local loads = {
  [0x28] = { 4, extend }, -- i32
  [0x29] = { 8, extend }, -- i64
  [0x2A] = { 4, extend }, -- f32
  [0x2B] = { 8, extend }, -- f64
  [0x2C] = { 1, signed('<i1', 4) }, -- i32
  [0x2D] = { 1, extend },
  [0x2E] = { 2, signed('<i2', 4) },
  [0x2F] = { 2, extend },
  [0x30] = { 1, signed('<i1', 8) }, -- i64
  [0x31] = { 1, extend },
  [0x32] = { 2, signed('<i2', 8) },
  [0x33] = { 2, extend },
  [0x34] = { 4, signed('<i4', 8) },
  [0x35] = { 4, extend },
  [SIMD + 0] = { 16, extend },
  [SIMD + 1] = { 8, widened('s8', 'u16') },
  [SIMD + 2] = { 8, widened('u8', 'u16') },
  [SIMD + 3] = { 8, widened('s16', 'u32') },
  [SIMD + 4] = { 8, widened('u16', 'u32') },
  [SIMD + 5] = { 8, widened('s32', 's64') },
  [SIMD + 6] = { 8, widened('u32', 's64') },
  [SIMD + 7] = { 1, splat },
  [SIMD + 8] = { 2, splat },
  [SIMD + 9] = { 4, splat },
  [SIMD + 10] = { 8, splat },
  [SIMD + 92] = { 4, extend }, -- load32_zero
  [SIMD + 93] = { 8, extend }, -- load64_zero
}

local stores = {
  [0x36] = 4, [0x37] = 8, [0x38] = 4, [0x39] = 8, -- i32, i64, f32, f64
  [0x3A] = 1, [0x3B] = 2, -- i32.store8, store16
  [0x3C] = 1, [0x3D] = 2, [0x3E] = 4, -- i64.store8, store16, store32
  [SIMD + 11] = 16,
}

return { loads = loads, stores = stores }
