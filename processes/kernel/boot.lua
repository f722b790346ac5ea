-- The first message of a process, its own Process item: kept as Inbox[1]; with an On-Boot tag it
-- also carries the program to start with.
local evaluate = require('.eval')

local function readArweave(id)
  local path = '/data/' .. id
  local file = io and io.open and io.open(path, 'r')
  if not file then
    error('On-Boot: cannot read ' .. path .. '; give the program as Data with On-Boot=Data', 0)
  end
  local text = file:read('a')
  file:close()
  return text
end

return function(msg)
  if #Inbox == 0 then table.insert(Inbox, msg) end
  local source = msg.Tags['On-Boot']
  if source == nil then return end
  if source == 'Data' then
    evaluate(msg)
  else
    evaluate({ Data = readArweave(source) })
  end
end
