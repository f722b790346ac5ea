--[[
  wAR, wrapped AR: the money of the herd, by the AO token standard.

  A quantity is a string of decimal digits in the smallest unit (1 wAR = 1000000000000).
  Outcomes of Transfer, each with a test:
    missing Recipient or Quantity   Transfer-Error, nothing moves
    negative or zero                Transfer-Error "Quantity must be greater than 0"
    fraction, exponent, not digits  Transfer-Error "Quantity must be a whole number of the smallest
                                    unit"
    more than the sender holds      Transfer-Error "Insufficient Balance!", whatever its length
    X- tags above 3600 bytes        Transfer-Error "X- tags are too long to forward"
    more than 100 X- tags           Transfer-Error "More than 100 X- tags"
    to oneself                      allowed: both notices are sent, the balance stays
  Process tags read at boot: Initial-Balances, a JSON object {address: quantity}.

  Divergence from the aos token blueprint: bad input answers with Transfer-Error (or Mint-Error) and
  does not fail the message, so the sender learns of it; the Owner can mint, not only the process
  itself; no patch@1.0 message; answers go to the sender, whatever Reply-To says.
  Source: ao token standard (cookbook), aos blueprint `token` (message table).
]]
local bint = require('.bint')(256)
local json = require('json')

-- A supply of at most 76 digits stays below 2^255, the largest bint, even after one more addition.
local MAX_DIGITS = 76
local MAX_SUPPLY = bint(string.rep('9', MAX_DIGITS))

-- A data item has room for 128 tags and 4096 bytes of them. Beyond these the Credit-Notice would
-- not fit, with its own tags and the messenger's: its receiver would never learn of the money.
local MAX_FORWARDED_TAGS = 100
local MAX_FORWARDED_BYTES = 3600
local TAG_OVERHEAD_BYTES = 4 -- the lengths of a name and a value

-- Nobody reads the mail of this process: whatever no handler knows is shown and dropped, or anyone
-- could fill its memory.
Inbox = setmetatable(Inbox, { __newindex = function() end })

Token = Token or { name = 'Wrapped AR', ticker = 'wAR', denomination = 12 }

--- Value of a tag of this process, whatever case and dashes its name was written with.
local function processTag(name)
  local wanted = name:lower():gsub('[-_]', '')
  for key, value in pairs(ao.env.Process.Tags) do
    if key:lower():gsub('[-_]', '') == wanted then return value end
  end
end

--- Reads a quantity. Returns a bint above zero, or nil and the reason.
local function readQuantity(text)
  if type(text) ~= 'string' or text == '' then return nil, 'Quantity is required!' end
  if text:match('^%-%d+$') or text:match('^0+$') then
    return nil, 'Quantity must be greater than 0'
  end
  if not text:match('^%d+$') then
    return nil, 'Quantity must be a whole number of the smallest unit'
  end
  local digits = text:gsub('^0+', '')
  if #digits > MAX_DIGITS then return MAX_SUPPLY + 1 end -- more than anyone can hold
  return bint(digits)
end

local function balanceOf(account)
  return bint(Balances[account] or '0')
end

--- Sets a balance; an account with nothing is forgotten.
local function setBalance(account, quantity)
  Balances[account] = not bint.iszero(quantity) and tostring(quantity) or nil
end

--- Creates money. Returns the quantity, or nil and the reason.
local function mint(recipient, text)
  local quantity, reason = readQuantity(text)
  if not quantity then return nil, reason end
  local supply = bint(TotalSupply) + quantity
  if MAX_SUPPLY < supply then return nil, 'Total supply would pass 10^76 - 1' end
  TotalSupply = tostring(supply)
  setBalance(recipient, balanceOf(recipient) + quantity)
  return tostring(quantity)
end

if not Balances then
  Balances, TotalSupply = {}, '0'
  for account, text in pairs(json.decode(processTag('Initial-Balances') or '{}')) do
    local minted, reason = mint(account, text)
    if not minted then error('Initial-Balances of ' .. account .. ': ' .. reason) end
  end
end

--- The X- tags of a message, by which a payment carries its purpose, or nil and the reason.
local function forwardedTags(msg)
  local tags, count, bytes = {}, 0, 0
  for name, value in pairs(msg.Tags) do
    if name:sub(1, 2):lower() == 'x-' then
      tags[name] = value
      count = count + 1
      bytes = bytes + #name + #tostring(value) + TAG_OVERHEAD_BYTES
    end
  end
  if count > MAX_FORWARDED_TAGS then
    return nil, 'More than ' .. MAX_FORWARDED_TAGS .. ' X- tags'
  end
  if bytes > MAX_FORWARDED_BYTES then return nil, 'X- tags are too long to forward' end
  return tags
end

local function with(tags, notice)
  for name, value in pairs(tags) do notice[name] = value end
  return notice
end

--- Answers the sender. Not msg.reply: that obeys Reply-To, and anyone could make wAR tell somebody
--- else of transfers that are not theirs.
local function answer(msg, reply)
  reply.Target = msg.From
  reply['X-Reference'] = msg['X-Reference'] or msg.Reference
  ao.send(reply)
end

local function refuse(msg, action, reason)
  answer(msg, {
    Action = action,
    ['Message-Id'] = msg.Id,
    Error = reason,
    Quantity = type(msg.Quantity) == 'string' and msg.Quantity or nil,
    Balance = Balances[msg.From] or '0',
  })
end

local function sendNotices(msg, quantity, tags)
  answer(msg, with(tags, {
    Action = 'Debit-Notice',
    Recipient = msg.Recipient,
    Quantity = quantity,
    Data = Colors.gray .. 'You transferred ' .. Colors.blue .. quantity .. Colors.gray .. ' to '
      .. Colors.green .. msg.Recipient .. Colors.reset,
  }))
  ao.send(with(tags, {
    Target = msg.Recipient,
    Action = 'Credit-Notice',
    Sender = msg.From,
    Quantity = quantity,
    Data = Colors.gray .. 'You received ' .. Colors.blue .. quantity .. Colors.gray .. ' from '
      .. Colors.green .. msg.From .. Colors.reset,
  }))
end

Handlers.add('Info', 'Info', function(msg)
  answer(msg, {
    Name = Token.name,
    Ticker = Token.ticker,
    Denomination = tostring(Token.denomination),
    Supply = TotalSupply,
  })
end)

Handlers.add('Balance', 'Balance', function(msg)
  local account = msg.Tags.Recipient or msg.Tags.Target or msg.From
  local balance = Balances[account] or '0'
  answer(msg, { Account = account, Balance = balance, Ticker = Token.ticker, Data = balance })
end)

Handlers.add('Balances', 'Balances', function(msg)
  answer(msg, { Data = next(Balances) and json.encode(Balances) or '{}' })
end)

Handlers.add('Total-Supply', 'Total-Supply', function(msg)
  -- The answer has the same Action: asking oneself would never end.
  assert(msg.From ~= ao.id, 'Cannot call Total-Supply from the same process!')
  answer(msg, { Action = 'Total-Supply', Ticker = Token.ticker, Data = TotalSupply })
end)

Handlers.add('Transfer', 'Transfer', function(msg)
  if type(msg.Recipient) ~= 'string' or msg.Recipient == '' then
    return refuse(msg, 'Transfer-Error', 'Recipient is required!')
  end
  local quantity, reason = readQuantity(msg.Quantity)
  if not quantity then return refuse(msg, 'Transfer-Error', reason) end
  local balance = balanceOf(msg.From)
  if balance < quantity then
    return refuse(msg, 'Transfer-Error', 'Insufficient Balance!')
  end

  local tags, excess = forwardedTags(msg)
  if not tags then return refuse(msg, 'Transfer-Error', excess) end
  setBalance(msg.From, balance - quantity)
  setBalance(msg.Recipient, balanceOf(msg.Recipient) + quantity)
  if not msg.Cast then sendNotices(msg, tostring(quantity), tags) end
end)

Handlers.add('Mint', 'Mint', function(msg)
  if msg.From ~= Owner and msg.From ~= ao.id then
    return refuse(msg, 'Mint-Error', 'Only the owner can mint ' .. Token.ticker .. '!')
  end
  local recipient = msg.Recipient or msg.From
  local quantity, reason = mint(recipient, msg.Quantity)
  if not quantity then return refuse(msg, 'Mint-Error', reason) end
  answer(msg, {
    Action = 'Mint-Confirmation',
    Recipient = recipient,
    Quantity = quantity,
    Data = Colors.gray .. 'Successfully minted ' .. Colors.blue .. quantity .. Colors.reset,
  })
end)
