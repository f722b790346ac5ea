--[[
  @sam/Llama-Herder: the client package of a llama herd, installed by APM.

  Llama.run(prompt, tokens, callback, options) pays the herder in wAR and hands the answer to the
  callback; without one it is printed. Prices are asked for when they are not known. When a payment
  fails or is refunded, the reason and what to do are printed and options.OnError(reason) is called.

  Fees: what the herder asks is exact, in integers. What this client offers is that fee times the
  last multiplier (times feeBump when others wait), but never more than maxMultiplier times the fee
  on its own account: one absurd payment must not price everybody out. Floats, as in the original
  client, so an offer that is multiplied must stay below 2^53 winston (9007 wAR); beyond, it is
  refused, never rounded.

  Source: the llama-herder client (permaweb/llama-herder ca36c6d, src/client.lua) and its README.
  Divergence: a herder without base fee works; printResponses can be false; failures are told;
  maxMultiplier.
]]
local NAME = '@sam/Llama-Herder'
local MAX_FLOAT_OFFER = 2 ^ 53

-- In bytes: a tag holds no longer prompt, and the herder takes no longer stop text. The payment
-- would not leave this process, or come back.
local MAX_PROMPT, MAX_TERMINATION = 3072, 256

-- Installed again, the package keeps its settings and the answers that it waits for.
local M = package.loaded[NAME]
if type(M) ~= 'table' then
  M = {
    herder = 'wh5vB2IbqmIBUqgodOaTvByNFDPr73gbUq1bVOUtCrw',
    token = 'xU9zFkq3X2ZQ6olwNVvr1vUWIjc3kXTWr7xKQD6dh10',
    feeBase = 0, -- winston a request
    feeToken = 0, -- winston a word or token
    lastMultiplier = 0, -- of the request that the herder dispatched last
    queueLength = 0,
    feeBump = 1.005, -- offered on top when others wait
    maxMultiplier = 10, -- most of lastMultiplier that is followed; options may go beyond
    printResponses = true, -- answers without a callback
    lastFeePaid = nil, -- winston
    pricesKnown = false,
    priceCallbacks = {},
    pending = {}, -- reference -> { callback, onError }
    Reference = 0,
  }
end

local function say(text)
  print(Colors.gray .. 'Llama-Herder: ' .. Colors.reset .. text)
end

--- Runs a callback of the caller's. What it raises is shown and does not undo the message that it
--- is about: the client would not hear of it again. Returns what it raised, as a text.
local function protect(callback, ...)
  local ok, raised = pcall(callback, ...)
  if ok then return nil end
  say(Colors.red .. tostring(raised) .. Colors.reset)
  return tostring(raised)
end

--- Asks the herder for its prices; `callback()` runs when they are there.
function M.getPrices(callback)
  if callback then table.insert(M.priceCallbacks, callback) end
  ao.send({ Target = M.herder, Action = 'Info' })
end

--- The herder's fee in winston at a multiplier of 1, or nil when prices are not known.
function M.calculateFee(prompt, tokens)
  if not M.pricesKnown then
    say('prices are not known yet. Run Llama.getPrices() first.')
    return nil
  end
  local count = tokens
  for _ in prompt:gmatch('%w+') do count = count + 1 end
  return M.feeBase + M.feeToken * count
end

--- What would be paid, as a string of winston. options.Fee replaces the price, options.Multiplier
--- multiplies whichever applies.
function M.quote(prompt, tokens, options)
  options = options or {}
  local offer = options.Fee
  if not offer then
    offer = M.calculateFee(prompt, tokens) * (math.min(M.lastMultiplier, M.maxMultiplier) + 0.0)
    if M.queueLength > 0 then offer = offer * M.feeBump end
  end
  if options.Multiplier then offer = offer * (options.Multiplier + 0.0) end
  if type(offer) == 'string' then return offer end -- a Fee of any size, as it was written
  if math.type(offer) == 'float' then
    -- Also refuses inf and nan, which are not below anything.
    if not (offer < MAX_FLOAT_OFFER) then error('Fee is 2^53 winston or more: too large') end
    offer = math.floor(offer)
  end
  return tostring(offer)
end

--- Why a request cannot be sent, or nil.
local function findExcess(prompt, termination)
  local excess = '%s has %d bytes, the limit is %d'
  if #prompt > MAX_PROMPT then return excess:format('The prompt', #prompt, MAX_PROMPT) end
  if termination and #termination > MAX_TERMINATION then
    return excess:format('Termination', #termination, MAX_TERMINATION)
  end
end

--- Asks the herd. `tokens` is the most to generate; `callback(text)` gets the answer.
--- options: Fee (winston), Multiplier, Termination (text that ends the answer), OnError(reason).
function M.run(prompt, tokens, callback, options)
  options = options or {}
  local count = math.tointeger(tonumber(tokens))
  assert(type(prompt) == 'string' and prompt ~= '', 'Llama.run: the prompt must be a text')
  assert(count, 'Llama.run: tokens must be a whole number')
  local excess = findExcess(prompt, options.Termination)
  if excess then
    say(Colors.red .. excess .. Colors.reset)
    if options.OnError then protect(options.OnError, excess) end
    return
  end
  if not M.pricesKnown and not options.Fee then
    M.quote(prompt, count, { Fee = 1, Multiplier = options.Multiplier }) -- fails now if it must
    return M.getPrices(function()
      local raised = protect(M.run, prompt, count, callback, options)
      if raised and options.OnError then protect(options.OnError, raised) end
    end)
  end

  local quantity = M.quote(prompt, count, options)
  -- Not a bare number: those are the references by which the kernel matches replies.
  local reference = 'llama-' .. M.Reference
  M.Reference = M.Reference + 1
  M.pending[reference] = { callback = callback, onError = options.OnError }
  M.lastFeePaid = quantity
  ao.send({
    Target = M.token,
    Action = 'Transfer',
    Recipient = M.herder,
    Quantity = quantity,
    ['X-Prompt'] = prompt,
    ['X-Tokens'] = tostring(count),
    ['X-Termination'] = options.Termination,
    ['X-Reference'] = reference,
  })
end

--- Takes a request off the waiting list. Nil when nobody waits for that reference.
local function settle(reference)
  local request = reference and M.pending[reference]
  if request then M.pending[reference] = nil end
  return request
end

local function fail(reference, reason, advice)
  say(Colors.red .. reason .. Colors.reset .. (reason:match('%p$') and ' ' or '. ') .. advice)
  local request = settle(reference)
  if request.onError then protect(request.onError, reason) end
end

Handlers.add('LlamaHerder.Info-Response', function(msg)
  return msg.Action == 'Info-Response' and msg.From == M.herder
end, function(msg)
  M.feeBase = tonumber(msg['Base-Fee'])
  M.feeToken = tonumber(msg['Token-Fee'])
  M.lastMultiplier = tonumber(msg['Last-Multiplier'])
  M.queueLength = tonumber(msg['Queue-Length'])
  M.pricesKnown = true
  local callbacks = M.priceCallbacks
  M.priceCallbacks = {}
  for _, callback in ipairs(callbacks) do protect(callback) end
end)

Handlers.add('LlamaHerder.Inference-Response', function(msg)
  return msg.Action == 'Inference-Response' and msg.From == M.herder
end, function(msg)
  local request = settle(msg['X-Reference'])
  if request and request.callback then
    protect(request.callback, msg.Data)
  elseif M.printResponses then
    say((msg.Data:gsub('^%s+', ''))) -- an answer begins with the space of its first word
  end
end)

-- Only for payments of this package: other transfers of the process are not its business.
Handlers.add('LlamaHerder.Transfer-Error', function(msg)
  return msg.Action == 'Transfer-Error' and msg.From == M.token
    and M.pending[msg['X-Reference']] ~= nil
end, function(msg)
  fail(msg['X-Reference'], 'Transfer-Error: ' .. tostring(msg.Error),
    'The fee is ' .. tostring(msg.Quantity) .. ' winston and this process holds '
    .. tostring(msg.Balance) .. '. Send wAR to ' .. ao.id .. ' and run it again.')
end)

Handlers.add('LlamaHerder.Refund', function(msg)
  return msg.Action == 'Credit-Notice' and msg.From == M.token and msg.Sender == M.herder
    and M.pending[msg['X-Reference']] ~= nil
end, function(msg)
  M.pricesKnown = false -- they may have changed: the next run asks again
  local needed = msg['X-Needed'] and 'The fee is ' .. msg['X-Needed'] .. ' winston. ' or ''
  fail(msg['X-Reference'], 'Refunded: ' .. tostring(msg['X-Reason']),
    needed .. tostring(msg.Quantity) .. ' winston are back on this process.')
end)

package.loaded[NAME] = M
Llama = M
return M
