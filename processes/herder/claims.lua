--[[
  Answers that the arbiter has not settled: each was delivered and its worker claims to have
  computed it. When the claim fails, the payer gets the money back, once, and the worker leaves for
  good.
]]
local json = require('json')
local Log = require('herder.log')
local Work = require('herder.work')

local Claims = {}

--- Whether an answer can be claimed; without an arbiter nobody claims.
function Claims.isClaimable(msg)
  local root = msg['State-Root']
  return Herder.arbiter == nil
    or type(root) == 'string' and #root == 64 and not root:find('[^0-9a-f]')
end

--- Tells the arbiter what was asked and what is delivered. Returns the id of the claim.
function Claims.report(request, msg)
  if not Herder.arbiter then return nil end
  local worker, job = msg.From, tostring(request.id)
  Herder.unsettled[job] = {
    worker = worker, client = request.client, paid = request.paid, reference = request.reference,
  }
  ao.send({
    Target = Herder.arbiter, Action = 'Answered', ['Job-Id'] = job, Worker = worker,
    -- The owner's word on what this worker runs goes before the worker's own.
    ['Model-ID'] = Herder.models[worker] or msg['Model-Id'],
    ['State-Root'] = msg['State-Root'],
    Tokens = tostring(request.tokens), Termination = request.termination,
    Data = json.encode({ prompt = request.prompt, answer = msg.Data }),
  })
  return ao.id .. ':' .. job
end

--- A claim that failed: nothing for a job that this worker did not answer, or that is settled.
function Claims.fail(job, worker, reason)
  local request = Herder.unsettled[job]
  if request and request.worker == worker then
    Herder.unsettled[job] = nil
    Work.refund(request, reason)
    if Herder.admitted[worker] then Work.expel(worker, reason) end
    return
  end
  -- It was refused before the answer came: another worker gets the job.
  local held = Herder.busy[worker]
  if held and tostring(held.id) == job then Work.expel(worker, reason) end
end

--- Nobody can be held to an answer: its worker has no free deposit, or the arbiter does not judge
--- it. The payer gets the money back; the worker, who may be honest, is suspended.
function Claims.excuse(job, worker, reason)
  local request, held = Herder.unsettled[job], Herder.busy[worker]
  if request and request.worker == worker then
    Herder.unsettled[job] = nil
    Work.refund(request, reason)
  elseif not held or tostring(held.id) ~= job then
    return
  end
  Work.suspend(worker, reason)
end

--- Nothing can be said against the answer any more.
function Claims.settle(job, worker)
  local request = Herder.unsettled[job]
  if not request or request.worker ~= worker then return end
  Herder.unsettled[job] = nil
  Log.line('FINAL', Colors.gray, 'Job ' .. job, 'Worker: ' .. Log.worker(worker))
end

return Claims
