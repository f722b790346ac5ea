-- Staking on top of the token blueprint: staked amounts leave the balance; unstaked ones come back
-- when the delay, in blocks, is over.
local bint = require('.bint')(256)

Stakers = Stakers or {}
Unstaking = Unstaking or {}
UnstakeDelay = UnstakeDelay or 670

local function amountOf(entry)
  return bint(entry and entry.amount or 0)
end

local function positiveQuantity(msg)
  assert(type(msg.Quantity) == 'string', 'Quantity is required!')
  local quantity = bint(msg.Quantity)
  assert(quantity > 0, 'Quantity must be greater than 0')
  return quantity
end

Handlers.add('staking.stakers', 'Stakers', function(msg)
  msg.reply({ Data = require('json').encode(Stakers) })
end)

Handlers.add('staking.stake', 'Stake', function(msg)
  local quantity = positiveQuantity(msg)
  local balance = bint(Balances[msg.From] or 0)
  assert(balance >= quantity, 'Insufficient balance to stake')
  Balances[msg.From] = tostring(balance - quantity)
  Stakers[msg.From] = { amount = tostring(amountOf(Stakers[msg.From]) + quantity) }
  msg.reply({ Data = 'Successfully Staked ' .. msg.Quantity })
end)

Handlers.add('staking.unstake', 'Unstake', function(msg)
  local quantity = positiveQuantity(msg)
  local staked = amountOf(Stakers[msg.From])
  assert(staked >= quantity, 'Insufficient staked amount')
  Stakers[msg.From] = { amount = tostring(staked - quantity) }
  Unstaking[msg.From] = {
    amount = tostring(amountOf(Unstaking[msg.From]) + quantity),
    release_at = msg['Block-Height'] + UnstakeDelay,
  }
  msg.reply({ Data = 'Successfully unstaked ' .. msg.Quantity })
end)

local function releaseDue(msg)
  for address, entry in pairs(Unstaking) do
    if msg['Block-Height'] >= entry.release_at then
      Balances[address] = tostring(bint(Balances[address] or 0) + bint(entry.amount))
      Unstaking[address] = nil
    end
  end
end

local function atEveryMessage()
  return 'continue'
end

Handlers.prepend('staking.release', atEveryMessage, releaseDue)
