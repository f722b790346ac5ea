-- Balances as text of whole numbers, however large: { [account] = '1000' }. It knows nothing of
-- messages, so that it can be tested without a process.
local bint = require('.bint')(256)

local ledger = {}

-- What a tag says is to be moved. Raises an error unless it is a whole number above 0.
function ledger.quantity(text)
  local isNumber = type(text) == 'string' and #text <= 60 and text:match('^%d+$') ~= nil
  assert(isNumber and bint(0) < bint(text), 'Quantity is a whole number above 0')
  return bint(text)
end

function ledger.balance(balances, account)
  return balances[account] or '0'
end

local function set(balances, account, amount)
  balances[account] = amount ~= bint(0) and tostring(amount) or nil
end

function ledger.credit(balances, account, quantity)
  set(balances, account, bint(ledger.balance(balances, account)) + quantity)
end

-- Raises an error, and changes nothing, if the sender has not so much.
function ledger.transfer(balances, from, to, quantity)
  local left = bint(ledger.balance(balances, from)) - quantity
  assert(bint(0) <= left, 'the balance is too low')
  set(balances, from, left)
  ledger.credit(balances, to, quantity)
end

return ledger
