-- What happens to a request, and to the workers: handed out, queued again, refunded, replaced.
local Log = require('herder.log')
local Pricing = require('herder.pricing')

local Work = {}

--- Answers the sender. Not msg.reply: by Reply-To anyone could have strangers answered.
function Work.answer(msg, reply)
  reply.Target, reply['X-Reference'] = msg.From, msg['X-Reference'] or msg.Reference
  ao.send(reply)
end

--- Pays the money of a request back to who sent it. X-Reason marks the transfer as a refund.
function Work.refund(request, reason, needed)
  ao.send({
    Target = Herder.token, Action = 'Transfer',
    Recipient = request.client, Quantity = request.paid, ['X-Reference'] = request.reference,
    ['X-Reason'] = reason, ['X-Needed'] = needed and tostring(needed),
  })
  local what = request.paid .. ' winston to ' .. Log.short(request.client)
  Log.line('REFUND', Colors.red, what, reason)
end

--- Hands the best requests to idle workers until one of the two runs out.
function Work.dispatch()
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
    Log.line('DISPATCH', Colors.gray, Log.request(request), 'Worker: ' .. Log.worker(worker))
  end
end

--- Queues the request of a lost worker again, or refunds it when it was tried often enough.
local function retry(request, reason)
  if request.attempts < Herder.maxAttempts then
    Pricing.enqueue(request)
    Log.line('RETRY', Colors.red, reason, 'Client: ' .. Log.short(request.client))
  else
    Work.refund(request, reason)
  end
end

--- Lets an admitted worker wait for work. Nothing when it already does, holds a job, or is
--- suspended.
function Work.join(worker)
  if Work.suspendedUntil(worker) then return end
  Herder.away[worker] = nil
  if Herder.busy[worker] then return end
  for _, other in ipairs(Herder.idle) do
    if other == worker then return end
  end
  table.insert(Herder.idle, worker)
end

--- Takes a worker out of the herd until it registers; a job that it holds goes to another. If it
--- did not mean to leave, it is asked back: after `askAfter` ms, then ever more rarely.
function Work.leave(worker, reason, askAfter)
  for index, other in ipairs(Herder.idle) do
    if other == worker then table.remove(Herder.idle, index) break end
  end
  Herder.away[worker] = askAfter and { dueAt = Herder.now + askAfter, wait = Herder.workerLimitMs }
  local request = Herder.busy[worker]
  Herder.busy[worker] = nil
  if request then retry(request, reason) end
end

--- Sends a worker away that may not come back by itself before its time is over: nobody was served
--- by its answer, and nothing but time keeps it from the next.
function Work.suspend(worker, reason)
  Work.leave(worker, reason, Herder.workerLimitMs)
  Herder.suspended[worker] = Herder.now + Herder.workerLimitMs
end

--- When a suspended worker may come back by itself; nil when it may.
function Work.suspendedUntil(worker)
  local time = Herder.suspended[worker]
  if time and Herder.now < time then return time end
  Herder.suspended[worker] = nil
end

--- Sends a worker away for good: it joins again only when the Owner admits it.
function Work.expel(worker, reason)
  Log.line('EXPEL', Colors.red, 'Worker: ' .. Log.worker(worker), reason)
  Work.leave(worker, reason)
  Herder.admitted[worker], Herder.models[worker] = nil, nil
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
function Work.sweep()
  for _, worker in ipairs(overdue(Herder.busy)) do
    Work.leave(worker, 'Worker ' .. worker:sub(1, 6) .. ' did not answer in time', 0)
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
      Work.refund(request, 'No worker was free in time')
    end
  end
end

return Work
