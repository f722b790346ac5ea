-- A room: members register, and what anyone broadcasts goes to every member.
Members = Members or {}

local function indexOf(address)
  for i, member in ipairs(Members) do
    if member == address then return i end
  end
end

Handlers.add('Register', 'Register', function(msg)
  if indexOf(msg.From) then
    msg.reply({ Data = 'Already registered.' })
    return
  end
  table.insert(Members, msg.From)
  msg.reply({ Data = 'Registered.' })
end)

Handlers.add('Unregister', 'Unregister', function(msg)
  local index = indexOf(msg.From)
  if not index then
    msg.reply({ Data = 'Not registered' })
    return
  end
  table.remove(Members, index)
  msg.reply({ Data = 'Unregistered' })
end)

Handlers.add('Broadcast', 'Broadcast', function(msg)
  for _, member in ipairs(Members) do
    Send({ Target = member, Action = 'Broadcast-Notice', Data = msg.Data })
  end
  msg.reply({ Data = 'Broadcasted.' })
end)
