--[[
  Deposits in wAR: what each account may use, what is bound in bonds, what is on its way out. All
  that the token credited to the arbiter is in exactly one of these places; no sum is made or lost
  here. `Arbiter.held` is what all accounts come to.
]]
local bint = require('.bint')(256)
local Read = require('arbiter.read')

local Accounts = {}

local function accountOf(id)
  local account = Arbiter.accounts[id] or { free = '0', locked = '0' }
  Arbiter.accounts[id] = account
  return account
end

--- A quantity and another, or without it where there is a minus sign.
local function sum(text, quantity, sign)
  local value = bint(text)
  value = sign == '-' and value - bint(quantity) or value + bint(quantity)
  assert(not bint.isneg(value), 'an account below zero')
  return tostring(value)
end

--- Adds to a field, or takes from it with a minus sign. An account without money is forgotten.
local function change(id, field, quantity, sign)
  local account = accountOf(id)
  account[field] = sum(account[field], quantity, sign)
  Arbiter.held = sum(Arbiter.held, quantity, sign)
  if account.free == '0' and account.locked == '0' then Arbiter.accounts[id] = nil end
end

function Accounts.credit(id, quantity)
  change(id, 'free', quantity, '+')
end

--- Whether an account can use so much.
function Accounts.has(id, quantity)
  local account = Arbiter.accounts[id]
  return account ~= nil and bint(quantity) <= bint(account.free)
end

--- Binds a bond. Only what `has` may be locked.
function Accounts.lock(id, bond)
  change(id, 'locked', bond, '+')
  change(id, 'free', bond, '-')
end

--- Gives a bond back.
function Accounts.unlock(id, bond)
  change(id, 'free', bond, '+')
  change(id, 'locked', bond, '-')
end

--- Whether `id` may move for an account: itself, or whom it named.
function Accounts.isPlayer(id, account)
  local known = Arbiter.accounts[account]
  return id == account or (known ~= nil and known.delegate == id)
end

--- Names who may play for an account. Returns the reason when that cannot be.
function Accounts.delegate(id, delegate)
  if not Arbiter.accounts[id] then
    return 'Deposit wAR first: an account without money is not kept'
  end
  if delegate ~= '' and not Read.id(delegate) then return 'Delegate must be an id, or empty' end
  Arbiter.accounts[id].delegate = delegate ~= '' and delegate or nil
end

--- Sends money away. It leaves the account first; if the token says that nothing moved, it comes
--- back.
function Accounts.payOut(id, quantity, recipient)
  local reference = 'arbiter-' .. Arbiter.nextTransfer
  Arbiter.nextTransfer = Arbiter.nextTransfer + 1
  change(id, 'free', quantity, '-')
  Arbiter.transfers[reference] = { account = id, quantity = quantity }
  ao.send({
    Target = Arbiter.token, Action = 'Transfer', Recipient = recipient, Quantity = quantity,
    ['X-Reference'] = reference,
    ['X-Reason'] = 'Withdrawal', -- to a herder this is no payment
  })
end

--- The token's word about one of our transfers, once. Returns what it was about.
function Accounts.settleTransfer(reference, moved)
  local transfer = type(reference) == 'string' and Arbiter.transfers[reference]
  if not transfer then return nil end
  Arbiter.transfers[reference] = nil
  if not moved then Accounts.credit(transfer.account, transfer.quantity) end
  return transfer
end

--- Takes a lost bond from `loser`: a part goes to `winner`, the rest is burnt, so that nobody gains
--- by losing to himself.
function Accounts.forfeit(loser, bond, winner, percent)
  local reward = bint(bond) * percent // 100
  change(loser, 'locked', bond, '-')
  if not bint.iszero(reward) then Accounts.credit(winner, tostring(reward)) end
  local burnt = bint(bond) - reward
  if bint.iszero(burnt) then return end
  -- What an earlier burning could not move is with it.
  Accounts.credit(Arbiter.burn, tostring(burnt))
  Accounts.payOut(Arbiter.burn, Arbiter.accounts[Arbiter.burn].free, Arbiter.burn)
end

return Accounts
