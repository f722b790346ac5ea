-- Package manager: asks the registry for its client and runs what comes back, which defines the
-- global `APM` (and `apm`). The registry answers Action=APM.UpdateResponse with the client's Lua as
-- hexadecimal text in Data and its version in the tag Version.
local REGISTRY = 'RLvG3tclmALLBCrwc17NqzNFqZCrUf3-RKZ5v8VRHiU'

function Hexencode(text)
  return (text:gsub('.', function(c)
    return string.format('%02x', c:byte())
  end))
end

function Hexdecode(hex)
  return (hex:gsub('%x%x', function(digits)
    return string.char(tonumber(digits, 16))
  end))
end

-- Runs a handler; what goes wrong is printed here and told to the sender, and nothing is rolled
-- back.
function HandleRun(handler, msg)
  local ok, err = pcall(handler, msg)
  if ok then return end
  local reason = tostring(err):gsub('^%[string "[^"]*"%]:%d+: ', '')
  print(tostring(msg.Action) .. ' - ' .. tostring(err))
  Send({ Target = msg.From, Data = reason, Result = 'error' })
end

local function loadClient(msg)
  assert(msg.Result ~= 'error', 'The registry refused: ' .. tostring(msg.Data))
  assert(type(msg.Data) == 'string' and msg.Data:find('^%x+$'), 'Invalid client code')
  local client, problem = load(Hexdecode(msg.Data), 'apm')
  assert(client, 'Error loading APM: ' .. tostring(problem))
  client()
  if type(apm) == 'table' then apm._version = msg.Version end
end

Handlers.once(
  'APM.UpdateResponse',
  { Action = 'APM.UpdateResponse', From = REGISTRY },
  function(msg)
    HandleRun(loadClient, msg)
  end
)

Send({ Target = REGISTRY, Action = 'APM.Update' })
print('📦 Loading APM...')
