local money = require('lib.money')

Stock = Stock or { apples = 10, pears = 2 }
Orders = Orders or {}
local served = 0

local function take(fruit, count)
  local left = Stock[fruit] - count
  Stock[fruit] = left
  return left
end

Handlers.add('buy', 'Buy', function(msg)
  local fruit = msg.Tags.Fruit
  local count = math.tointeger(tonumber(msg.Tags.Count))
  take(fruit, count)
  served = served + 1
  Orders[#Orders + 1] = { fruit = fruit, count = count }
  msg.reply({ Action = 'Bought' })
end)

Handlers.add('share', 'Share', function(msg)
  local first, each = money.split(7, tonumber(msg.Tags.Parts))
  for i = 1, 3 do
    each = each + i
  end
  return first, each
end)

Handlers.add('ask', 'Ask', function(msg)
  local question = 'price?'
  local answer = Send({ Target = ao.id, Action = 'Price', Data = question }).receive()
  local price = tonumber(answer.Data)
  Price = price
end)

Handlers.add('price', 'Price', function(msg)
  msg.reply({ Data = '42' })
end)
