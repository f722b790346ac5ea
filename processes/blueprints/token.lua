-- A token: balances as integer strings, transfers with notices to both sides, minting by the
-- process itself. After each change a message without target publishes the new balances.
local bint = require('.bint')(256)

Variant = '0.0.3'
Denomination = Denomination or 12
Balances = Balances or { [ao.id] = tostring(bint(10000 * 10 ^ Denomination)) }
TotalSupply = TotalSupply or tostring(bint(10000 * 10 ^ Denomination))
Name = Name or 'Points Coin'
Ticker = Ticker or 'PNTS'
Logo = Logo or 'SBCCXwwecBlDqRLUjb8dYABExTJXLieawf7m2aBJ-KY'

local function add(a, b)
  return tostring(bint(a) + bint(b))
end

local function subtract(a, b)
  return tostring(bint(a) - bint(b))
end

local function tokenInfo()
  return {
    name = Name,
    ticker = Ticker,
    logo = Logo,
    denomination = tostring(Denomination),
    supply = TotalSupply,
  }
end

local function publish(...)
  local balances = {}
  for _, account in ipairs({ ... }) do
    balances[account] = Balances[account]
  end
  Send({ device = 'patch@1.0', balances = balances, ['token-info'] = tokenInfo() })
end

local function paint(words, quantity, link, address)
  local text = Colors.gray .. words .. Colors.blue .. quantity
  if link then text = text .. Colors.gray .. link .. Colors.green .. address end
  return text .. Colors.reset
end

Handlers.add('info', 'Info', function(msg)
  msg.reply(tokenInfo())
end)

Handlers.add('balance', 'Balance', function(msg)
  local account = msg.Recipient or msg.Tags.Target or msg.From
  local balance = Balances[account] or '0'
  msg.reply({
    Balance = balance,
    Ticker = Ticker,
    Account = msg.Recipient or msg.From,
    Data = balance,
  })
end)

Handlers.add('balances', 'Balances', function(msg)
  msg.reply({ Data = require('json').encode(Balances) })
end)

local function copyExtraTags(msg, notice)
  for name, value in pairs(msg) do
    if name:sub(1, 2) == 'X-' then notice[name] = value end
  end
  return notice
end

local function notify(msg)
  msg.reply(copyExtraTags(msg, {
    Action = 'Debit-Notice',
    Recipient = msg.Recipient,
    Quantity = msg.Quantity,
    Data = paint('You transferred ', msg.Quantity, ' to ', msg.Recipient),
  }))
  Send(copyExtraTags(msg, {
    Target = msg.Recipient,
    Action = 'Credit-Notice',
    Sender = msg.From,
    Quantity = msg.Quantity,
    Data = paint('You received ', msg.Quantity, ' from ', msg.From),
  }))
end

Handlers.add('transfer', 'Transfer', function(msg)
  assert(type(msg.Recipient) == 'string', 'Recipient is required!')
  assert(type(msg.Quantity) == 'string', 'Quantity is required!')
  local quantity = bint(msg.Quantity)
  assert(quantity > 0, 'Quantity must be greater than 0')

  local from, to = msg.From, msg.Recipient
  Balances[from] = Balances[from] or '0'
  Balances[to] = Balances[to] or '0'
  if bint(Balances[from]) < quantity then
    msg.reply({
      Action = 'Transfer-Error',
      ['Message-Id'] = msg.Id,
      Error = 'Insufficient Balance!',
    })
    return
  end
  Balances[from] = subtract(Balances[from], quantity)
  Balances[to] = add(Balances[to], quantity)
  if not msg.Cast then notify(msg) end
  publish(from, to)
end)

Handlers.add('mint', 'Mint', function(msg)
  assert(type(msg.Quantity) == 'string', 'Quantity is required!')
  assert(bint(msg.Quantity) > 0, 'Quantity must be greater than zero!')
  if msg.From ~= ao.id then
    msg.reply({
      Action = 'Mint-Error',
      ['Message-Id'] = msg.Id,
      Error = 'Only the Process Id can mint new ' .. Ticker .. ' tokens!',
    })
    return
  end
  Balances[msg.From] = add(Balances[msg.From] or '0', msg.Quantity)
  TotalSupply = add(TotalSupply, msg.Quantity)
  msg.reply({ Data = paint('Successfully minted ', msg.Quantity) })
  publish(msg.From)
end)

Handlers.add('totalSupply', 'Total-Supply', function(msg)
  assert(msg.From ~= ao.id, 'Cannot call Total-Supply from the same process!')
  msg.reply({ Action = 'Total-Supply', Data = TotalSupply, Ticker = Ticker })
end)

Handlers.add('burn', 'Burn', function()
  print('not implemented')
end)
