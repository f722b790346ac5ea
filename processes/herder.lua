--[[
  The herder: sells the inference of a herd of llama workers for wAR, best offer first.

  fee = Base-Fee + (words of the prompt + tokens) x Token-Fee, multiplier = paid / fee. Requests
  wait ordered by multiplier, equal ones by arrival. What cannot be served is refunded to who paid,
  with the reason; a worker that fails or stays silent is replaced, its request queued again.
  With an arbiter, each worker answers for its answers by a bond: one that is refuted is refunded.
  Only the Owner sets terms and admits workers. All messages and outcomes: docs/PROTOCOL.md.

  Source: the llama-herder protocol (permaweb/llama-herder ca36c6d, src/herder.lua), defects mended
  (see Divergence in docs/PROTOCOL.md).
]]
local Claims = require('herder.claims')
local Log = require('herder.log')
local Pricing = require('herder.pricing')
local Terms = require('herder.terms')
local Work = require('herder.work')
local keepOwn = require('shared.keep-own')
local processTag = require('shared.process-tag')

-- == State. It outlives a reload of this file. ====================================================
Herder = Herder or {
  token = 'xU9zFkq3X2ZQ6olwNVvr1vUWIjc3kXTWr7xKQD6dh10', -- only its Credit-Notices are payments
  lastMultiplier = 1, -- of the request dispatched last
  queue = {}, -- requests that wait, next one first
  idle = {}, -- ids of workers without a job, longest idle first
  busy = {}, -- worker id -> the request that it holds
  admitted = {}, -- worker id -> name; these may join
  away = {}, -- worker id -> { dueAt = when to ask it back, wait = until the next time }, ms
  suspended = {}, -- worker id -> ms; before, only the Owner can bring it back
  models = {}, -- worker id -> id of the model that the Owner says it runs
  arbiter = nil, -- id of the arbiter of answers, if there is one
  unsettled = {}, -- job -> the delivered answer that the arbiter has not settled, see claims.lua
  nextJob = 1,
  bootedAt = nil, -- ms
  now = 0, -- ms; time of the latest message, never goes back
}

keepOwn('Id', 'Timestamp')

-- Nobody reads mail here: what no handler knows is shown and dropped, or it would fill the memory.
Inbox = setmetatable(Inbox, { __newindex = function() end })

--- Believes the time that the scheduler wrote: a number.
local function observe(timestamp)
  if math.type(timestamp) ~= 'integer' then return end
  Herder.bootedAt = Herder.bootedAt or timestamp
  Herder.now = math.max(Herder.now, timestamp)
end

--- Adds the handler of an Action. Every message that the herder knows also moves time on.
local function on(action, handle)
  Handlers.add('Herder.' .. action, action, function(msg)
    observe(msg.Timestamp)
    handle(msg)
    Work.sweep()
    Work.dispatch()
  end)
end

-- == Payments =====================================================================================
on('Credit-Notice', function(msg)
  if msg.From ~= Herder.token then
    local sender = Log.short(msg.From)
    return Log.line('ERR', Colors.red, 'Credit-Notice from ' .. sender .. ': not the token')
  end
  -- A refund that comes back, or our own money: to refund that would never end.
  if msg['X-Reason'] or msg.Sender == ao.id then
    return Log.line('CREDIT', Colors.gray, tostring(msg.Quantity) .. ' winston kept')
  end
  local request, reason, needed = Pricing.judgeOffer(msg)
  local payment = request or { paid = msg.Quantity }
  payment.client, payment.reference = msg.Sender, msg['X-Reference']
  if not request then return Work.refund(payment, reason, needed) end
  request.id, Herder.nextJob = Herder.nextJob, Herder.nextJob + 1
  request.arrivedAt, request.attempts = Herder.now, 0
  Pricing.enqueue(request)
  local reference = (request.reference or '-'):sub(1, 12)
  Log.line('REQ', Colors.blue, Log.request(request), 'Ref: ' .. reference)
  if #Herder.queue > Herder.maxQueue then -- one too many: the last has to go
    local last = table.remove(Herder.queue)
    Work.refund(last, last == request and 'The queue is full' or 'A higher bid took the place')
  end
end)

on('Debit-Notice', function() end) -- the receipt of a refund; not for the Inbox
on('Transfer-Error', function(msg)
  if msg.From == Herder.token then
    Log.line('ERR', Colors.red, 'A refund failed: ' .. tostring(msg.Error))
  end
end)

-- == Workers ======================================================================================
--- The request that a worker's message is about, or nil: only who holds a job can end it.
local function heldRequest(msg)
  local request = Herder.busy[msg.From]
  if request and msg['Job-Id'] == tostring(request.id) then return request end
  if Herder.admitted[msg.From] then
    Work.join(msg.From) -- a replaced worker that is back
    Log.line('LATE', Colors.gray, 'Job ' .. tostring(msg['Job-Id']),
      'Worker: ' .. Log.worker(msg.From))
  else
    Log.line('ERR', Colors.red, msg.Action .. ' from ' .. Log.short(msg.From) .. ': holds no job')
  end
end

on('Inference-Response', function(msg)
  local request = heldRequest(msg)
  if not request then return end
  if type(msg.Data) ~= 'string' then
    return Work.suspend(msg.From, 'The answer is not a text')
  end
  if not Claims.isClaimable(msg) then
    return Work.suspend(msg.From, 'The answer has no State-Root to hold it to')
  end
  Herder.busy[msg.From] = nil
  Work.join(msg.From)
  local tokens = Terms.readWhole(msg.Tokens, 0, request.tokens) or request.tokens
  ao.send({
    Target = request.client, Action = 'Inference-Response', ['X-Reference'] = request.reference,
    Tokens = tostring(tokens), ['Stop-Reason'] = msg['Stop-Reason'], Data = msg.Data,
    ['State-Root'] = msg['State-Root'], Claim = Claims.report(request, msg), -- for who doubts it
  })
  local seconds = (Herder.now - request.dispatchedAt) / 1000
  local rate = seconds > 0 and string.format(' (%.1f tok/s)', tokens / seconds) or ''
  Log.line('RES', Colors.green, string.format('%d tokens in %.1f s', tokens, seconds) .. rate,
    'Client: ' .. Log.short(request.client), 'Worker: ' .. Log.worker(msg.From))
end)

on('Inference-Error', function(msg)
  local request = heldRequest(msg)
  if not request then return end
  local reason = tostring(msg.Error or 'unknown error'):sub(1, 200)
  if msg.Fault ~= 'Request' then return Work.leave(msg.From, reason, Herder.workerLimitMs) end
  -- Another worker would fail at it, too: the payer gets the money back and the worker stays.
  Herder.busy[msg.From] = nil
  Work.join(msg.From)
  Work.refund(request, reason)
end)

--- The worker that a message speaks for: the one the Owner names, or an admitted worker itself.
local function spokenFor(msg)
  if msg.From == Owner and msg.Worker then return msg.Worker end
  if Herder.admitted[msg.From] then return msg.From end
  local reason = 'The owner of the herder has not admitted you'
  Work.answer(msg, { Action = 'Worker-Refused', Error = reason })
end

--- The Owner admits a worker; an admitted worker joins the herd again.
on('Register-Worker', function(msg)
  local worker = spokenFor(msg)
  if not worker then return end
  if msg.From == Owner then
    Herder.admitted[worker] = msg['Worker-Name'] or worker:sub(1, 6)
    Herder.models[worker] = msg['Model-Id'] -- the kernel writes tag names so
    Herder.suspended[worker] = nil
  end
  local time = Work.suspendedUntil(worker)
  if time then
    local reason = 'You are suspended until ' .. time .. ' ms, and asked back then'
    return Work.answer(msg, { Action = 'Worker-Refused', Error = reason })
  end
  Work.join(worker)
  Work.answer(msg, { Action = 'Worker-Registered', Worker = worker })
  Log.line('JOIN', Colors.gray, 'Worker: ' .. Log.worker(worker), 'Idle: ' .. #Herder.idle)
end)

--- The Owner sends a worker away for good; a worker leaves until it registers again.
on('Unregister-Worker', function(msg)
  local worker = spokenFor(msg)
  if not worker then return end
  Log.line('LEAVE', Colors.gray, 'Worker: ' .. Log.worker(worker))
  Work.leave(worker, 'Worker ' .. worker:sub(1, 6) .. ' left')
  if msg.From == Owner then Herder.admitted[worker], Herder.models[worker] = nil, nil end
  Work.answer(msg, { Action = 'Worker-Unregistered', Worker = worker })
end)

-- == The arbiter's word ===========================================================================
--- Adds the handler of what the arbiter says about a job; nobody else is heard.
local function onArbiter(action, handle)
  on(action, function(msg)
    if Herder.arbiter and msg.From == Herder.arbiter then
      return handle(tostring(msg['Job-Id']), msg.Worker, msg)
    end
    Log.line('ERR', Colors.red, action .. ' from ' .. Log.short(msg.From) .. ': not the arbiter')
  end)
end

onArbiter('Claim-Refused', function(job, worker, msg)
  local reason = 'The claim was refused: ' .. tostring(msg.Error):sub(1, 200)
  if msg.Code == 'NO_DEPOSIT' then return Claims.excuse(job, worker, reason) end
  Claims.fail(job, worker, reason)
end)
onArbiter('Claim-Missing', function(job, worker)
  Claims.fail(job, worker, 'The worker did not claim its answer')
end)
onArbiter('Claim-Refuted', function(job, worker, msg)
  Claims.fail(job, worker, 'The answer was refuted: ' .. tostring(msg.Reason):sub(1, 200))
end)
onArbiter('Claim-Final', Claims.settle)
onArbiter('Answered-Refused', function(job, worker, msg)
  Claims.excuse(job, worker, 'The answer is not judged: ' .. tostring(msg.Error):sub(1, 200))
end)

-- == Terms and time ===============================================================================
on('Info', function(msg)
  Work.answer(msg, {
    Action = 'Info-Response', Name = 'Llama-Herder', Version = '1.0',
    ['Base-Fee'] = tostring(Herder.feeBase), ['Token-Fee'] = tostring(Herder.feeToken),
    ['Last-Multiplier'] = tostring(Herder.lastMultiplier), ['Payment-Token'] = Herder.token,
    ['Max-Tokens'] = tostring(Herder.maxTokens), ['Max-Prompt'] = tostring(Herder.maxPromptBytes),
    ['Queue-Length'] = tostring(#Herder.queue), ['Idle-Workers'] = tostring(#Herder.idle),
  })
end)

on('Set-Terms', function(msg)
  local reason = 'Only the owner can set terms'
  if msg.From == Owner then reason = Terms.set(function(tag) return msg.Tags[tag] end) end
  if reason then return Work.answer(msg, { Action = 'Terms-Error', Error = reason }) end
  Work.answer(msg, { Action = 'Terms-Set' })
end)

on('Tick', function() end) -- anyone may move time on: only the scheduler's own time counts
on('Cron', function() end)

-- == Boot =========================================================================================
Terms.fill()
if not Herder.bootedAt then
  observe(os.time())
  Herder.token = processTag('Payment-Token') or Herder.token
  Herder.arbiter = processTag('Arbiter')
  local reason = Terms.set(processTag)
  if reason then error('Process tag ' .. reason) end
end
