-- Arrays of byte values.
local array = {}

function array.size(bytes)
  return #bytes
end

function array.fromString(text)
  local bytes = {}
  for i = 1, #text do
    bytes[i] = text:byte(i)
  end
  return bytes
end

function array.toString(bytes)
  local parts = {}
  for i = 1, #bytes do
    parts[i] = string.char(bytes[i])
  end
  return table.concat(parts)
end

function array.fromStream(stream)
  local bytes = {}
  for byte in stream do
    bytes[#bytes + 1] = byte
  end
  return bytes
end

function array.readFromQueue(queue, size)
  local bytes = {}
  for i = 1, size do
    bytes[i] = queue.pop()
  end
  return bytes
end

function array.writeToQueue(queue, bytes)
  for i = 1, #bytes do
    queue.push(bytes[i])
  end
end

function array.toStream(bytes)
  local i = 0
  return function()
    i = i + 1
    return bytes[i]
  end
end

function array.fromHex(hex)
  local bytes = {}
  for digits in hex:gmatch('%x%x') do
    bytes[#bytes + 1] = tonumber(digits, 16)
  end
  return bytes
end

-- Upper case.
function array.toHex(bytes)
  local parts = {}
  for i = 1, #bytes do
    parts[i] = string.format('%02X', bytes[i])
  end
  return table.concat(parts)
end

function array.concat(a, b)
  local joined = table.move(a, 1, #a, 1, {})
  return table.move(b, 1, #b, #joined + 1, joined)
end

function array.truncate(bytes, size)
  return table.move(bytes, 1, math.min(size, #bytes), 1, {})
end

function array.XOR(a, b)
  local out = {}
  for i = 1, math.min(#a, #b) do
    out[i] = a[i] ~ b[i]
  end
  return out
end

function array.substitute(bytes, box)
  local out = {}
  for i = 1, #bytes do
    out[i] = box[bytes[i]]
  end
  return out
end

function array.permute(bytes, order)
  local out = {}
  for i = 1, #order do
    out[i] = bytes[order[i]]
  end
  return out
end

function array.copy(bytes)
  return table.move(bytes, 1, #bytes, 1, {})
end

function array.slice(bytes, from, to)
  return table.move(bytes, from, to, 1, {})
end

return array
