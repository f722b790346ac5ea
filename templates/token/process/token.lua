-- A token: its owner mints it, who has some may send it on, and both sides are told.
local json = require('json')
local ledger = require('ledger')

Ticker = Ticker or 'HAY'
Denomination = Denomination or 12
Balances = Balances or {}

Handlers.add('info', 'Info', function(msg)
  msg.reply({ Ticker = Ticker, Denomination = tostring(Denomination) })
end)

Handlers.add('balance', 'Balance', function(msg)
  local account = msg.Tags.Recipient or msg.From
  local balance = ledger.balance(Balances, account)
  msg.reply({ Balance = balance, Account = account, Data = balance })
end)

Handlers.add('balances', 'Balances', function(msg)
  msg.reply({ Data = json.encode(Balances) })
end)

Handlers.add('mint', 'Mint', function(msg)
  -- What its owner sends at its prompt is from the process itself.
  assert(msg.From == Owner or msg.From == ao.id, 'only the owner mints')
  ledger.credit(Balances, msg.From, ledger.quantity(msg.Tags.Quantity))
  msg.reply({ Action = 'Mint-Notice', Quantity = msg.Tags.Quantity })
end)

Handlers.add('transfer', 'Transfer', function(msg)
  local recipient = assert(msg.Tags.Recipient, 'Recipient is missing')
  local quantity = ledger.quantity(msg.Tags.Quantity)
  ledger.transfer(Balances, msg.From, recipient, quantity)
  local amount = tostring(quantity)
  msg.reply({ Action = 'Debit-Notice', Recipient = recipient, Quantity = amount })
  Send({ Target = recipient, Action = 'Credit-Notice', Sender = msg.From, Quantity = amount })
end)
