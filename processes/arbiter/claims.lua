--[[
  Claims from their two halves to their end. A worker's Claim binds its bond at once; joined with
  the herder's Answered, by herder, job and worker, in either order, it is open for challenges until
  its window ends. Then it is final, unless a game refutes it.
]]
local Accounts = require('arbiter.accounts')
local Alarms = require('arbiter.alarms')
local Answers = require('arbiter.answers')
local Read = require('arbiter.read')
local State = require('arbiter.state')

-- Answers that wait for their claim cost nobody a bond, so their number is bounded.
local MAX_WAITING_ANSWERS, MAX_WAITING_OF_ONE = 1024, 64
local KEEP_MS = 3600000 -- what is closed can be read for an hour

local Claims = { KEEP_MS = KEEP_MS }

local function idOf(herder, job)
  return herder .. ':' .. job
end

--- Tells the worker of a half or claim, or its herder, what became of it.
local function tell(about, target, action, reason)
  ao.send({
    Target = target, Action = action, ['Job-Id'] = about.jobId, Worker = about.worker,
    Error = action ~= 'Claim-Refuted' and reason or nil,
    Reason = action == 'Claim-Refuted' and reason or nil,
  })
end

-- == Halves =======================================================================================
--- The place where the halves of a claim meet; nil and the reason when it has an end already.
local function meet(herder, jobId, worker)
  if not herder or not jobId or not worker then
    return nil, 'Herder, Job-Id or Worker is not an id'
  end
  local claim = Arbiter.claims[idOf(herder, jobId)]
  if claim then return nil, 'The job ' .. jobId .. ' has a claim: it is ' .. claim.status end
  local key = idOf(herder, jobId) .. ':' .. worker
  return Arbiter.halves[key] or { key = key, herder = herder, jobId = jobId, worker = worker }
end

--- Lets a half wait for the other.
local function wait(half)
  if not Arbiter.halves[half.key] then
    Arbiter.halves[half.key] = half
    half.dueAt = Arbiter.now + Arbiter.terms.graceMs
    Alarms.set(half.dueAt, 'half', half.key)
  end
end

--- Whether one more answer may wait for its claim.
local function hasRoom(half)
  local waiting = Arbiter.waiting
  return waiting.all < MAX_WAITING_ANSWERS
    and (waiting.of[half.herder] or 0) < MAX_WAITING_OF_ONE
end

local function countWaiting(half, by)
  local waiting = Arbiter.waiting
  waiting.all = waiting.all + by
  local one = (waiting.of[half.herder] or 0) + by
  waiting.of[half.herder] = one > 0 and one or nil
end

--- Takes halves away: the bond of the worker's is free again.
local function drop(half)
  if not Arbiter.halves[half.key] then return end
  Arbiter.halves[half.key] = nil
  if half.claimed then Accounts.unlock(half.worker, half.bond) end
  if half.answered then countWaiting(half, -1) end
end

--- Why the two halves do not make a claim, or nil and the root that it commits to.
local function findContradiction(claimed, answered)
  if claimed.model ~= answered.model then return 'The claim is about another model' end
  if claimed.answer ~= answered.answer then return 'The claim is about another answer' end
  if claimed.stateRoot ~= answered.stateRoot then return 'The claim has another State-Root' end
  local root = State.claimRoot(claimed.model.program.root, answered.job.inputRoot,
    claimed.traceRoot, claimed.n)
  if root ~= claimed.stateRoot then return 'State-Root does not commit to this job and trace' end
end

local function open(half)
  local claimed, answered = half.claimed, half.answered
  countWaiting(half, -1)
  Arbiter.halves[half.key] = nil
  local claim = {
    id = idOf(half.herder, half.jobId), herder = half.herder, jobId = half.jobId,
    worker = half.worker, bond = half.bond, status = 'open', games = {}, openGames = 0,
    openedAt = Arbiter.now, ['until'] = Arbiter.now + Arbiter.terms.windowMs, job = answered.job,
  }
  for name, value in pairs(claimed) do claim[name] = value end
  Arbiter.claims[claim.id] = claim
  Arbiter.openClaims = Arbiter.openClaims + 1
  Alarms.set(claim['until'], 'claim', claim.id)
end

local function join(half)
  if not half.claimed or not half.answered then return end
  local reason = findContradiction(half.claimed, half.answered)
  if not reason then return open(half) end
  drop(half)
  tell(half, half.worker, 'Claim-Refused', reason)
  tell(half, half.herder, 'Claim-Refused', reason)
end

--- A worker claims what it computed. Returns the reason when it cannot.
function Claims.claim(msg)
  local tags = msg.Tags
  local half, reason = meet(Read.id(tags.Herder), Read.id(tags['Job-Id']), msg.From)
  if not half then return reason end
  if half.claimed then return 'The claim for this job is here already' end
  local claimed, bond = nil, Arbiter.terms.claimBond
  if not Accounts.has(msg.From, bond) then
    reason = 'The free deposit is below the Claim-Bond of ' .. bond .. ' winston'
  else
    claimed, reason = Answers.readClaim(msg)
  end
  if claimed then
    Accounts.lock(msg.From, bond)
    wait(half)
    half.claimed, half.bond = claimed, bond
    return join(half)
  end
  -- Its herder hears of it if it spoke of this job itself: others did not ask.
  if half.answered then
    drop(half)
    tell(half, half.herder, 'Claim-Refused', reason)
  end
  return reason
end

--- A herder says what it delivered. Returns the reason when that cannot be.
function Claims.answered(msg)
  local tags = msg.Tags
  local half, reason = meet(Read.id(msg.From), Read.id(tags['Job-Id']), Read.id(tags.Worker))
  if not half then return reason end
  if half.answered then return 'The answer for this job is here already' end
  local answered
  answered, reason = Answers.readAnswered(msg)
  if not answered then return reason end
  if not half.claimed and not hasRoom(half) then return 'Too many answers wait for their claims' end
  wait(half)
  half.answered = answered
  countWaiting(half, 1)
  return join(half)
end

--- When the grace is over: an answer without a claim, or a claim without an answer.
function Claims.expireHalf(key)
  local half = Arbiter.halves[key]
  if not half or Arbiter.now < half.dueAt then return end
  drop(half)
  if half.answered then return tell(half, half.herder, 'Claim-Missing') end
  tell(half, half.worker, 'Claim-Refused', 'Its herder did not say in time that it got the answer')
end

-- == Ends =========================================================================================
local function close(claim, status)
  claim.status = status
  Arbiter.openClaims = Arbiter.openClaims - 1
  Alarms.set(Arbiter.now + KEEP_MS, 'forget-claim', claim.id)
end

--- Whether it can still be challenged.
function Claims.isChallengeable(claim)
  return claim.status == 'open' and Arbiter.now < claim['until']
end

--- Makes a claim final when its window and its games are over.
function Claims.settle(claim)
  if claim.status ~= 'open' or Arbiter.now < claim['until'] or claim.openGames > 0 then return end
  close(claim, 'final')
  Accounts.unlock(claim.worker, claim.bond)
  tell(claim, claim.herder, 'Claim-Final')
end

--- Ends a claim that a game has proved wrong; its bond goes to `winner` in part.
function Claims.refute(claim, winner, percent, reason)
  close(claim, 'refuted')
  Accounts.forfeit(claim.worker, claim.bond, winner, percent)
  tell(claim, claim.herder, 'Claim-Refuted', reason)
end

return Claims
