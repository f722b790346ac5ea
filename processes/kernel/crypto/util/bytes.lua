-- A result of bytes, as every digest and cipher gives it: asBytes(), asHex() and asString().
local function result(text, isUpper)
  local form = isUpper and '%02X' or '%02x'
  return {
    asString = function()
      return text
    end,
    asBytes = function()
      local bytes = {}
      for i = 1, #text do
        bytes[i] = text:byte(i)
      end
      return bytes
    end,
    asHex = function()
      return (text:gsub('[\0-\255]', function(c)
        return form:format(c:byte())
      end))
    end,
  }
end

return result
