-- What happens to a message that no handler takes: it goes to the Inbox, with a line on the
-- console.
local json = require('json')

local INBOX_CAP = 10000
local SHOWN = 20

local function summarize(msg)
  if msg.Action then return 'Action = ' .. Colors.blue .. tostring(msg.Action):sub(1, SHOWN) end
  local data = msg.Data
  if type(data) == 'table' then data = json.encode(data) end
  return 'Data = ' .. Colors.blue .. tostring(data == nil and '' or data):sub(1, SHOWN)
end

local function shorten(address)
  if not address then return 'unknown' end
  return address:sub(1, 3) .. '...' .. address:sub(-3)
end

return function(msg)
  table.insert(Inbox, msg)
  while #Inbox > INBOX_CAP do
    table.remove(Inbox, 1)
  end
  local sender = Colors.green .. shorten(msg.From) .. Colors.gray
  print(Colors.gray .. 'New Message From ' .. sender .. ': ' .. Colors.gray .. summarize(msg)
    .. Colors.reset)
end
