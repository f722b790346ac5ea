-- A bank with two defects, for the simulations: who withdraws all of it in two steps is paid twice,
-- and a deposit that is told twice counts twice.
Balances = Balances or {}
Paid = Paid or 0

local function balance(who) return Balances[who] or 0 end

Handlers.add('deposit', 'Deposit', function(msg)
  Balances[msg.From] = balance(msg.From) + tonumber(msg.Quantity)
  msg.reply({ Action = 'Deposited', Quantity = msg.Quantity })
end)

Handlers.add('withdraw', 'Withdraw', function(msg)
  local quantity = tonumber(msg.Quantity)
  if quantity > balance(msg.From) then
    return msg.reply({ Action = 'Refused', Error = 'not that much' })
  end
  -- The balance is only taken down once the vault has answered: until then it can be asked again.
  Send({ Target = Vault, Action = 'Pay', Recipient = msg.From, Quantity = msg.Quantity })
end)

Handlers.add('paid', 'Paid', function(msg)
  if msg.From ~= Vault then return end
  Balances[msg.Recipient] = balance(msg.Recipient) - tonumber(msg.Quantity)
end)
