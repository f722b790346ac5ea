--[[
  The herder: sells the inference of a herd of llama workers for wAR, best offer first.

  fee = Base-Fee + (words of the prompt + tokens) x Token-Fee, multiplier = paid / fee. Requests
  wait ordered by multiplier, equal ones by arrival. What cannot be served is refunded to who paid,
  with the reason; a worker that fails or stays silent is replaced, its request queued again.
  Only the Owner sets terms and admits workers. All messages and outcomes: docs/PROTOCOL.md.

  Source: the llama-herder protocol (permaweb/llama-herder ca36c6d, src/herder.lua), defects mended
  (see Divergence in docs/PROTOCOL.md).
]]
local bint = require('.bint')(256)

-- A fee stays below 2^53 (see TERMS) and a payment below 10^60, so that their product, by which
-- offers are compared exactly, stays below the 2^255 of a bint.
local MAX_PAYMENT_DIGITS = 60
local MAX_TERMINATION_BYTES = 256

-- What the Owner can set: by process tags at boot, by Set-Terms later. The greatest fees and
-- lengths keep every fee below 2^53; a Token-Fee of at least 1 keeps it above zero.
local TERMS = { -- tag, field, default, least, greatest
  { 'Base-Fee', 'feeBase', 1, 0, 100000000000 }, -- winston a request
  { 'Token-Fee', 'feeToken', 1, 1, 100000000000 }, -- winston a word or token
  { 'Max-Tokens', 'maxTokens', 1024, 1, 32768 }, -- tokens a request may ask for
  { 'Max-Prompt', 'maxPromptBytes', 3072, 1, 32768 }, -- bytes; a tag has no room for more
  { 'Max-Queue', 'maxQueue', 1000, 1, 100000 }, -- requests waiting
  { 'Max-Attempts', 'maxAttempts', 3, 1, 100 }, -- workers tried before the refund
  { 'Worker-Limit', 'workerLimitMs', 600000, 1, 1000000000000 }, -- ms of silence with a job
  { 'Wait-Limit', 'waitLimitMs', 3600000, 1, 1000000000000 }, -- ms in the queue
}

-- == State. It outlives a reload of this file. ====================================================
Herder = Herder or {
  token = 'xU9zFkq3X2ZQ6olwNVvr1vUWIjc3kXTWr7xKQD6dh10', -- only its Credit-Notices are payments
  lastMultiplier = 1, -- of the request dispatched last
  queue = {}, -- requests that wait, next one first
  idle = {}, -- ids of workers without a job, longest idle first
  busy = {}, -- worker id -> the request that it holds
  admitted = {}, -- worker id -> name; these may join
  away = {}, -- worker id -> { dueAt = when to ask it back, wait = until the next time }, ms
  nextJob = 1,
  bootedAt = nil, -- ms
  now = 0, -- ms; time of the latest message, never goes back
}

-- Nobody reads mail here: what no handler knows is shown and dropped, or it would fill the memory.
Inbox = setmetatable(Inbox, { __newindex = function() end })

--- Value of a tag of this process, whatever case and dashes its name was written with.
local function processTag(name)
  local wanted = name:lower():gsub('[-_]', '')
  for key, value in pairs(ao.env.Process.Tags) do
    if key:lower():gsub('[-_]', '') == wanted then return value end
  end
end

--- Reads a whole number in decimal digits; nil when it is anything else or out of range.
local function readWhole(text, least, greatest)
  if type(text) ~= 'string' or #text > 15 or not text:match('^%d+$') then return nil end
  local number = math.tointeger(tonumber(text))
  if number >= least and number <= greatest then return number end
end

--- Sets the terms that `valueOf(tag)` has. All or nothing: returns the reason when one is wrong.
local function setTerms(valueOf)
  local values = {}
  for _, term in ipairs(TERMS) do
    local tag, field, _, least, greatest = table.unpack(term)
    local text = valueOf(tag)
    if text ~= nil then
      values[field] = readWhole(text, least, greatest)
      if not values[field] then
        return tag .. ' must be a whole number from ' .. least .. ' to ' .. greatest
      end
    end
  end
  for field, value in pairs(values) do Herder[field] = value end
end

--- Believes the time that the scheduler wrote: a number. A Timestamp tag, which any sender can set,
--- arrives as a string.
local function observe(timestamp)
  if math.type(timestamp) ~= 'integer' then return end
  Herder.bootedAt = Herder.bootedAt or timestamp
  Herder.now = math.max(Herder.now, timestamp)
end

-- == Log lines: [minutes:seconds since boot LABEL] name: value | name: value ======================
local function log(label, color, ...)
  local ms = Herder.now - (Herder.bootedAt or Herder.now)
  local stamp = string.format('%02d:%02d.%03d', ms // 60000, ms // 1000 % 60, ms % 1000)
  print('[' .. Colors.gray .. stamp .. ' ' .. color .. label .. Colors.reset .. ']'
    .. string.rep(' ', 9 - #label) .. table.concat({ ... }, ' | '))
end

local function short(id)
  return Colors.blue .. tostring(id):sub(1, 6) .. Colors.reset
end

local function describe(request)
  return string.format('Requested: %d | Fee: %s%.2fx%s | In queue: %d | Client: %s', request.length,
    Colors.red, request.multiplier, Colors.reset, #Herder.queue, short(request.client))
end

local function workerName(worker)
  return Colors.green .. (Herder.admitted[worker] or worker:sub(1, 6)) .. Colors.reset
end

-- == Pricing and the queue (the same rules in TypeScript: pricing/) ===============================
--- Words of ASCII letters and digits. The herder counts words, not tokens: it has no tokenizer.
function Herder.countWords(prompt)
  local _, count = prompt:gsub('%w+', '')
  return count
end

--- Fee of a request in winston.
function Herder.calculateFee(prompt, tokens)
  return Herder.feeBase + (Herder.countWords(prompt) + tokens) * Herder.feeToken
end

--- Judges what a payment asks for. Returns a request, or nil, the reason to refund, and the fee.
function Herder.judgeOffer(offer)
  local prompt, termination = offer['X-Prompt'], offer['X-Termination']
  if type(prompt) ~= 'string' or prompt == '' then return nil, 'X-Prompt is missing' end
  if #prompt > Herder.maxPromptBytes then
    return nil, 'X-Prompt is longer than ' .. Herder.maxPromptBytes .. ' bytes'
  end
  local tokens = readWhole(offer['X-Tokens'], 1, Herder.maxTokens)
  if not tokens then
    return nil, 'X-Tokens must be a whole number from 1 to ' .. Herder.maxTokens
  end
  if termination and #termination > MAX_TERMINATION_BYTES then
    return nil, 'X-Termination is longer than ' .. MAX_TERMINATION_BYTES .. ' bytes'
  end
  if #offer.Quantity > MAX_PAYMENT_DIGITS then
    return nil, 'Quantity has more than ' .. MAX_PAYMENT_DIGITS .. ' digits'
  end
  local fee = Herder.calculateFee(prompt, tokens)
  if bint(offer.Quantity) < fee then return nil, 'Insufficient payment', fee end
  return {
    prompt = prompt, tokens = tokens, length = Herder.countWords(prompt) + tokens,
    termination = termination ~= '' and termination or nil,
    fee = fee, paid = offer.Quantity,
    multiplier = tonumber(offer.Quantity) / fee, -- shown only; offers are compared without floats
  }
end

--- Whether request `a` is served before request `b`: higher multiplier, then earlier arrival.
local function isBefore(a, b)
  local left, right = bint(a.paid) * b.fee, bint(b.paid) * a.fee
  if bint.eq(left, right) then return a.id < b.id end
  return right < left
end

--- Puts a request into the queue. Requests queued again keep their place by their old number.
function Herder.enqueue(request)
  local first, last = 1, #Herder.queue + 1
  while first < last do
    local middle = (first + last) // 2
    if isBefore(request, Herder.queue[middle]) then last = middle else first = middle + 1 end
  end
  table.insert(Herder.queue, first, request)
end

-- == What happens to a request ====================================================================
--- Answers the sender. Not msg.reply: by Reply-To anyone could have strangers answered.
local function answer(msg, reply)
  reply.Target, reply['X-Reference'] = msg.From, msg['X-Reference'] or msg.Reference
  ao.send(reply)
end

--- Pays the money of a request back to who sent it. X-Reason marks the transfer as a refund.
local function refund(request, reason, needed)
  ao.send({
    Target = Herder.token, Action = 'Transfer',
    Recipient = request.client, Quantity = request.paid, ['X-Reference'] = request.reference,
    ['X-Reason'] = reason, ['X-Needed'] = needed and tostring(needed),
  })
  log('REFUND', Colors.red, request.paid .. ' winston to ' .. short(request.client), reason)
end

--- Hands the best requests to idle workers until one of the two runs out.
local function dispatch()
  while #Herder.queue > 0 and #Herder.idle > 0 do
    local request, worker = table.remove(Herder.queue, 1), table.remove(Herder.idle, 1)
    request.attempts = request.attempts + 1
    request.dispatchedAt, request.dueAt = Herder.now, Herder.now + Herder.workerLimitMs
    Herder.busy[worker] = request
    Herder.lastMultiplier = request.multiplier
    ao.send({
      Target = worker, Action = 'Inference', ['Job-Id'] = tostring(request.id),
      Tokens = tostring(request.tokens), Termination = request.termination, Data = request.prompt,
    })
    log('DISPATCH', Colors.gray, describe(request), 'Worker: ' .. workerName(worker))
  end
end

--- Queues the request of a lost worker again, or refunds it when it was tried often enough.
local function retry(request, reason)
  if request.attempts < Herder.maxAttempts then
    Herder.enqueue(request)
    log('RETRY', Colors.red, reason, 'Client: ' .. short(request.client))
  else
    refund(request, reason)
  end
end

--- Lets an admitted worker wait for work. Nothing when it already does, or holds a job.
local function join(worker)
  Herder.away[worker] = nil
  if Herder.busy[worker] then return end
  for _, other in ipairs(Herder.idle) do
    if other == worker then return end
  end
  table.insert(Herder.idle, worker)
end

--- Takes a worker out of the herd until it registers; a job that it holds goes to another. If it
--- did not mean to leave, it is asked back: after `askAfter` ms, then ever more rarely.
local function leave(worker, reason, askAfter)
  for index, other in ipairs(Herder.idle) do
    if other == worker then table.remove(Herder.idle, index) break end
  end
  Herder.away[worker] = askAfter and { dueAt = Herder.now + askAfter, wait = Herder.workerLimitMs }
  local request = Herder.busy[worker]
  Herder.busy[worker] = nil
  if request then retry(request, reason) end
end

--- Workers of Herder.busy or Herder.away whose time is over, in an order that one can rely on.
local function overdue(entries)
  local workers = {}
  for worker, entry in pairs(entries) do
    if Herder.now >= entry.dueAt then table.insert(workers, worker) end
  end
  table.sort(workers)
  return workers
end

--- Replaces silent workers, asks back those that are away, refunds requests that waited too long.
local function sweep()
  for _, worker in ipairs(overdue(Herder.busy)) do
    leave(worker, 'Worker ' .. worker:sub(1, 6) .. ' did not answer in time', 0)
  end
  for _, worker in ipairs(overdue(Herder.away)) do
    local absence = Herder.away[worker]
    absence.dueAt, absence.wait = Herder.now + absence.wait, absence.wait * 2
    ao.send({ Target = worker, Action = 'Rejoin' }) -- a live one answers with Register-Worker
  end
  for index = #Herder.queue, 1, -1 do
    local request = Herder.queue[index]
    if Herder.now - request.arrivedAt > Herder.waitLimitMs then
      table.remove(Herder.queue, index)
      refund(request, 'No worker was free in time')
    end
  end
end

--- Adds the handler of an Action. Every message that the herder knows also moves time on.
local function on(action, handle)
  Handlers.add('Herder.' .. action, action, function(msg)
    observe(msg.Timestamp)
    handle(msg)
    sweep()
    dispatch()
  end)
end

-- == Payments =====================================================================================
on('Credit-Notice', function(msg)
  if msg.From ~= Herder.token then
    return log('ERR', Colors.red, 'Credit-Notice from ' .. short(msg.From) .. ': not the token')
  end
  -- A refund that comes back, or our own money: to refund that would never end.
  if msg['X-Reason'] or msg.Sender == ao.id then
    return log('CREDIT', Colors.gray, tostring(msg.Quantity) .. ' winston kept')
  end
  local request, reason, needed = Herder.judgeOffer(msg)
  local payment = request or { paid = msg.Quantity }
  payment.client, payment.reference = msg.Sender, msg['X-Reference']
  if not request then return refund(payment, reason, needed) end
  request.id, Herder.nextJob = Herder.nextJob, Herder.nextJob + 1
  request.arrivedAt, request.attempts = Herder.now, 0
  Herder.enqueue(request)
  log('REQ', Colors.blue, describe(request), 'Ref: ' .. (request.reference or '-'):sub(1, 12))
  if #Herder.queue > Herder.maxQueue then -- one too many: the last has to go
    local last = table.remove(Herder.queue)
    refund(last, last == request and 'The queue is full' or 'A higher bid took the place')
  end
end)

on('Debit-Notice', function() end) -- the receipt of a refund; not for the Inbox
on('Transfer-Error', function(msg)
  if msg.From == Herder.token then
    log('ERR', Colors.red, 'A refund failed: ' .. tostring(msg.Error))
  end
end)

-- == Workers ======================================================================================
--- The request that a worker's message is about, or nil: only who holds a job can end it.
local function heldRequest(msg)
  local request = Herder.busy[msg.From]
  if request and msg['Job-Id'] == tostring(request.id) then return request end
  if Herder.admitted[msg.From] then
    join(msg.From) -- a replaced worker that is back
    log('LATE', Colors.gray, 'Job ' .. tostring(msg['Job-Id']), 'Worker: ' .. workerName(msg.From))
  else
    log('ERR', Colors.red, msg.Action .. ' from ' .. short(msg.From) .. ': holds no job')
  end
end

on('Inference-Response', function(msg)
  local request = heldRequest(msg)
  if not request then return end
  if type(msg.Data) ~= 'string' then
    return leave(msg.From, 'The answer is not a text', Herder.workerLimitMs)
  end
  Herder.busy[msg.From] = nil
  join(msg.From)
  local tokens = readWhole(msg.Tokens, 0, request.tokens) or request.tokens
  ao.send({
    Target = request.client, Action = 'Inference-Response', ['X-Reference'] = request.reference,
    Tokens = tostring(tokens), ['Stop-Reason'] = msg['Stop-Reason'], Data = msg.Data,
  })
  local seconds = (Herder.now - request.dispatchedAt) / 1000
  local rate = seconds > 0 and string.format(' (%.1f tok/s)', tokens / seconds) or ''
  log('RES', Colors.green, string.format('%d tokens in %.1f s', tokens, seconds) .. rate,
    'Client: ' .. short(request.client), 'Worker: ' .. workerName(msg.From))
end)

on('Inference-Error', function(msg)
  local request = heldRequest(msg)
  if not request then return end
  local reason = tostring(msg.Error or 'unknown error'):sub(1, 200)
  if msg.Fault ~= 'Request' then return leave(msg.From, reason, Herder.workerLimitMs) end
  -- Another worker would fail at it, too: the payer gets the money back and the worker stays.
  Herder.busy[msg.From] = nil
  join(msg.From)
  refund(request, reason)
end)

--- The worker that a message speaks for: the one the Owner names, or an admitted worker itself.
local function spokenFor(msg)
  if msg.From == Owner and msg.Worker then return msg.Worker end
  if Herder.admitted[msg.From] then return msg.From end
  answer(msg, { Action = 'Worker-Refused', Error = 'The owner of the herder has not admitted you' })
end

--- The Owner admits a worker; an admitted worker joins the herd again.
on('Register-Worker', function(msg)
  local worker = spokenFor(msg)
  if not worker then return end
  if msg.From == Owner then Herder.admitted[worker] = msg['Worker-Name'] or worker:sub(1, 6) end
  join(worker)
  answer(msg, { Action = 'Worker-Registered', Worker = worker })
  log('JOIN', Colors.gray, 'Worker: ' .. workerName(worker), 'Idle: ' .. #Herder.idle)
end)

--- The Owner sends a worker away for good; a worker leaves until it registers again.
on('Unregister-Worker', function(msg)
  local worker = spokenFor(msg)
  if not worker then return end
  log('LEAVE', Colors.gray, 'Worker: ' .. workerName(worker))
  leave(worker, 'Worker ' .. worker:sub(1, 6) .. ' left')
  if msg.From == Owner then Herder.admitted[worker] = nil end
  answer(msg, { Action = 'Worker-Unregistered', Worker = worker })
end)

-- == Terms and time ===============================================================================
on('Info', function(msg)
  answer(msg, {
    Action = 'Info-Response', Name = 'Llama-Herder', Version = '1.0',
    ['Base-Fee'] = tostring(Herder.feeBase), ['Token-Fee'] = tostring(Herder.feeToken),
    ['Last-Multiplier'] = tostring(Herder.lastMultiplier), ['Payment-Token'] = Herder.token,
    ['Max-Tokens'] = tostring(Herder.maxTokens), ['Max-Prompt'] = tostring(Herder.maxPromptBytes),
    ['Queue-Length'] = tostring(#Herder.queue), ['Idle-Workers'] = tostring(#Herder.idle),
  })
end)

on('Set-Terms', function(msg)
  local reason = 'Only the owner can set terms'
  if msg.From == Owner then reason = setTerms(function(tag) return msg.Tags[tag] end) end
  if reason then return answer(msg, { Action = 'Terms-Error', Error = reason }) end
  answer(msg, { Action = 'Terms-Set' })
end)

on('Tick', function() end) -- anyone may move time on: only the scheduler's own time counts
on('Cron', function() end)

-- == Boot =========================================================================================
for _, term in ipairs(TERMS) do
  local field, default = term[2], term[3]
  Herder[field] = Herder[field] or default
end
if not Herder.bootedAt then
  observe(os.time())
  Herder.token = processTag('Payment-Token') or Herder.token
  local reason = setTerms(processTag)
  if reason then error('Process tag ' .. reason) end
end
