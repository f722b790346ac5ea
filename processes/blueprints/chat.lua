-- Console helpers for chatrooms: List(), Join(room, nick), Say(text, room), Leave(room),
-- Replay(depth, room) and Tip(to, room, quantity). Rooms are found through a router.
DevChat = DevChat or {}
DevChat.Router = DevChat.Router or '8MGp9kOU4JYxAlPT1AyL7O3cedd97y-w8X4ciBsf_Xo'
DevChat.Rooms = DevChat.Rooms or { DevChat = '6I1JBBc9SOMtqFxlX7OoYgsMh7QeZk2fFwUCHTUqshg' }
DevChat.Room = DevChat.Room or 'DevChat'

local function addressOf(room)
  return DevChat.Rooms[room] or room
end

local function nameOf(address)
  for name, known in pairs(DevChat.Rooms) do
    if known == address then return name end
  end
  return address
end

function List()
  ao.send({ Target = DevChat.Router, Action = 'Get-List' })
  return 'Asking the router for its rooms'
end

function Join(room, nickname)
  DevChat.Room = room
  ao.send({ Target = addressOf(room), Action = 'Register', Nickname = nickname or Name })
  return 'Registering with ' .. room
end

function Leave(room)
  ao.send({ Target = addressOf(room), Action = 'Unregister' })
  return 'Leaving ' .. room
end

function Say(text, room)
  ao.send({ Target = addressOf(room or DevChat.Room), Action = 'Broadcast', Data = text })
end

function Replay(depth, room)
  ao.send({
    Target = addressOf(room or DevChat.Room),
    Action = 'Replay',
    Depth = tostring(depth or 3),
  })
end

function Tip(to, room, quantity)
  ao.send({
    Target = addressOf(room or DevChat.Room),
    Action = 'Transfer',
    Recipient = to or DevChat.LastBroadcaster,
    Quantity = tostring(quantity or 1),
  })
end

function DevChat.add(name, address)
  ao.send({ Target = DevChat.Router, Action = 'Register', Name = name, Address = address })
end

Handlers.add('DevChat.broadcasted', 'Broadcasted', function(msg)
  DevChat.LastBroadcaster = msg.Broadcaster
  local nickname = (msg.Nickname or '') .. '#' .. tostring(msg.Broadcaster):sub(1, 3)
  print('[' .. nickname .. '@' .. nameOf(msg.From) .. ']> ' .. msg.Data)
end)

Handlers.add('DevChat.rooms', { Action = 'Room-List', From = DevChat.Router }, function(msg)
  for name, address in pairs(msg.Tags) do
    local room = name:match('^Room%-(.+)$')
    if room then
      DevChat.Rooms[room] = address
      print(room)
    end
  end
end)

ao.send({ Target = addressOf(DevChat.Room), Action = 'Register', Nickname = Name })
