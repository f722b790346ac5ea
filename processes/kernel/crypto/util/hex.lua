-- Text as hexadecimal digits (lower case) and back; pairs that are no digits stay as they are.
local hex = {}

function hex.stringToHex(text)
  return (text:gsub('[\0-\255]', function(c)
    return string.format('%02x', c:byte())
  end))
end

function hex.hexToString(digits)
  return (digits:gsub('%x%x', function(pair)
    return string.char(tonumber(pair, 16))
  end))
end

return hex
