-- Bytes as they travel in messages: hexadecimal digits, lower case.
local hex = {}

local DIGITS, BYTES = {}, {}
for value = 0, 255 do
  local byte, digits = string.char(value), ('%02x'):format(value)
  DIGITS[byte], BYTES[digits] = digits, byte
end

function hex.encode(bytes)
  return (bytes:gsub('.', DIGITS))
end

--- The bytes of a text of digits. Nil when it is not one, or not of `size` bytes if that is given.
function hex.decode(text, size)
  if type(text) ~= 'string' or #text % 2 ~= 0 or text:find('[^0-9a-f]') then return nil end
  if size and #text ~= 2 * size then return nil end
  return (text:gsub('..', BYTES))
end

return hex
