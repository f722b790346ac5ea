-- Streams of byte values: functions that give the next byte, then nil.
local array = require('.crypto.util.array')

local stream = {}

function stream.fromString(text)
  local i = 0
  return function()
    i = i + 1
    return text:byte(i)
  end
end

function stream.toString(bytes)
  return array.toString(array.fromStream(bytes))
end

stream.fromArray = array.toStream
stream.toArray = array.fromStream

function stream.fromHex(hex)
  return array.toStream(array.fromHex(hex))
end

-- Upper case.
function stream.toHex(bytes)
  return array.toHex(array.fromStream(bytes))
end

return stream
