-- MD2 (RFC 1319). The input is a stream of bytes.
local bytes = require('.crypto.util.bytes')
local stream = require('.crypto.util.stream')

-- A permutation made of the digits of pi.
local BOX = {}
for digits in ([[
292E43C9A2D87C013D3654A1ECF0061362A705F3C0C7738C98932BD9BC4C82CA1E9B573CFDD4E01667426F188A17E512
BE4EC4D6DA9EDE49A0FBF58EBB2FEE7AA968799115B2073F94C210890B225F21807F5D9A5A903227353ECCE7BFF79703
FF1930B348A5B5D1D75E922AAC56AAC64FB838D296A47DB676FC6BE29C7404F1459D705964718720865BCF65E62DA802
1B6025ADAEB0B9F61C46616934407E0F5547A323DD51AF3AC35CF9CEBAC5EA262C530D6E85288409D3DFCDF441814D52
6ADC37C86CC1ABFA24E17B080CBDB14A7888958BE363E86DE9CBD5FE3B001D39F2EFB70E6658D0E4A67772F8EB754B0A
314450B48FED1F1ADB998D339F118314
]]):gmatch('%x%x') do
  BOX[#BOX + 1] = tonumber(digits, 16)
end

local function digest(text)
  local padding = 16 - #text % 16
  text = text .. string.rep(string.char(padding), padding)
  local checksum, last = {}, 0
  for i = 1, 16 do
    checksum[i] = 0
  end
  for i = 1, #text do
    local at = (i - 1) % 16 + 1
    checksum[at] = checksum[at] ~ BOX[(text:byte(i) ~ last) + 1]
    last = checksum[at]
  end
  text = text .. string.char(table.unpack(checksum))

  local state = {}
  for i = 1, 48 do
    state[i] = 0
  end
  for from = 1, #text, 16 do
    for j = 1, 16 do
      state[16 + j] = text:byte(from + j - 1)
      state[32 + j] = state[16 + j] ~ state[j]
    end
    local mix = 0
    for round = 0, 17 do
      for j = 1, 48 do
        state[j] = state[j] ~ BOX[mix + 1]
        mix = state[j]
      end
      mix = (mix + round) & 255
    end
  end
  return string.char(table.unpack(state, 1, 16))
end

local function md2(input)
  if type(input) ~= 'function' then error('attempt to call a ' .. type(input) .. ' value') end
  return bytes(digest(stream.toString(input)))
end

return { md2 = md2 }
