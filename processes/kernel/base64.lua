-- Base64, both ways, with replaceable last two characters and padding (for the URL alphabet).
-- Decoding skips what is not in the alphabet but needs its padding.
local base64 = { _version = '1.5.3' }

local LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

-- Map from value to byte code; 64 is the padding, none when `pad` is ''.
function base64.makeencoder(s62, s63, spad)
  local encoder = {}
  for i = 1, #LETTERS do
    encoder[i - 1] = LETTERS:byte(i)
  end
  encoder[62] = (s62 or '+'):byte()
  encoder[63] = (s63 or '/'):byte()
  encoder[64] = (spad or '='):byte()
  return encoder
end

-- Map from byte code to value.
function base64.makedecoder(s62, s63, spad)
  local decoder = {}
  for value, code in pairs(base64.makeencoder(s62, s63, spad)) do
    decoder[code] = value
  end
  return decoder
end

local ENCODER = base64.makeencoder()
local DECODER = base64.makedecoder()

-- `cached` only made this faster elsewhere; it is accepted and ignored.
function base64.encode(str, encoder)
  encoder = encoder or ENCODER
  local char, out = string.char, {}
  local size = #str
  local pad = encoder[64] and char(encoder[64]) or ''
  for i = 1, size - 2, 3 do
    local a, b, c = str:byte(i, i + 2)
    local bits = a << 16 | b << 8 | c
    out[#out + 1] = char(
      encoder[bits >> 18], encoder[bits >> 12 & 63], encoder[bits >> 6 & 63], encoder[bits & 63]
    )
  end
  if size % 3 == 1 then
    local bits = str:byte(size) << 4
    out[#out + 1] = char(encoder[bits >> 6], encoder[bits & 63]) .. pad .. pad
  elseif size % 3 == 2 then
    local a, b = str:byte(size - 1, size)
    local bits = (a << 8 | b) << 2
    out[#out + 1] = char(encoder[bits >> 12], encoder[bits >> 6 & 63], encoder[bits & 63]) .. pad
  end
  return table.concat(out)
end

-- The values of `str` in the alphabet, and how many paddings end it.
local function readValues(str, decoder)
  local values, padding = {}, 0
  for i = 1, #str do
    local value = decoder[str:byte(i)]
    if value == 64 then
      padding = padding + 1
      values[#values + 1] = 0
    elseif value then
      values[#values + 1] = value
    end
  end
  return values, padding
end

function base64.decode(str, decoder)
  local values, padding = readValues(str, decoder or DECODER)
  local out = {}
  for i = 1, #values, 4 do
    local bits = values[i] * 0x40000 + values[i + 1] * 0x1000 + values[i + 2] * 0x40 + values[i + 3]
    out[#out + 1] = string.char(bits >> 16 & 255, bits >> 8 & 255, bits & 255)
  end
  local text = table.concat(out)
  return text:sub(1, #text - padding)
end

return base64
