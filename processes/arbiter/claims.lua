--[[
  Claims from their two halves to their end. A worker's Claim binds its bond at once; joined with
  the herder's Answered, by herder, job and worker, in either order, it is open for challenges until
  its window ends. Then it is final, unless a game refutes it.
]]
local Accounts = require('arbiter.accounts')
local Alarms = require('arbiter.alarms')
local Answers = require('arbiter.answers')
local Halves = require('arbiter.halves')
local Read = require('arbiter.read')
local State = require('arbiter.state')
local sha256 = require('arbiter.sha256')

local KEEP_MS = 3600000 -- what is closed can be read for an hour

local Claims = { KEEP_MS = KEEP_MS }

--- Tells the worker of a half or claim, or its herder, what became of it. `code` marks a reason
--- that says nothing against the answer.
local function tell(about, target, action, reason, code)
  ao.send({
    Target = target, Action = action, ['Job-Id'] = about.jobId, Worker = about.worker,
    Error = action ~= 'Claim-Refuted' and reason or nil,
    Reason = action == 'Claim-Refuted' and reason or nil, Code = code,
  })
end

-- == Beginnings ===================================================================================
--- Why the two halves do not make a claim, or nil and the root that it commits to.
local function findContradiction(claimed, answered)
  if claimed.model ~= answered.model then return 'The claim is about another model' end
  if claimed.answerHash ~= sha256(answered.answer) then
    return 'The claim is about another answer'
  end
  if claimed.stateRoot ~= answered.stateRoot then return 'The claim has another State-Root' end
  local root = State.claimRoot(claimed.model.program.root, answered.job.inputRoot,
    claimed.traceRoot, claimed.n)
  if root ~= claimed.stateRoot then return 'State-Root does not commit to this job and trace' end
end

local function open(half)
  Halves.take(half, true)
  local claim = {
    id = Halves.claimId(half.herder, half.jobId), herder = half.herder, jobId = half.jobId,
    worker = half.worker, bond = half.bond, status = 'open', games = {}, openGames = 0,
    openedAt = Arbiter.now, ['until'] = Arbiter.now + Arbiter.terms.windowMs,
    job = half.answered.job, answer = half.answered.answer, bytes = half.bytes,
  }
  for name, value in pairs(half.claimed) do claim[name] = value end
  Arbiter.claims[claim.id] = claim
  Arbiter.openClaims = Arbiter.openClaims + 1
  Alarms.set(claim['until'], 'claim', claim.id)
end

local function join(half)
  if not half.claimed or not half.answered then return end
  local reason = findContradiction(half.claimed, half.answered)
  if not reason then return open(half) end
  Halves.take(half)
  tell(half, half.worker, 'Claim-Refused', reason)
  tell(half, half.herder, 'Claim-Refused', reason)
end

--- The claim of a message and its bond, or nil, the reason and its code.
local function readClaim(msg)
  local bond = Arbiter.terms.claimBond
  if not Accounts.has(msg.From, bond) then
    return nil, 'The free deposit is below the Claim-Bond of ' .. bond .. ' winston', 'NO_DEPOSIT'
  end
  local claimed, reason = Answers.readClaim(msg)
  if not claimed then return nil, reason end
  return claimed, bond
end

--- A worker claims what it computed. Returns the reason when it cannot, and its code.
function Claims.claim(msg)
  local tags = msg.Tags
  local half, reason = Halves.meet(Read.id(tags.Herder), Read.id(tags['Job-Id']), msg.From)
  if not half then return reason end
  if half.claimed then return 'The claim for this job is here already' end
  local claimed, other, code = readClaim(msg)
  if claimed then
    Halves.putClaim(half, claimed, other)
    return join(half)
  end
  -- Its herder hears of it when it speaks of this job itself: others did not ask.
  if half.answered then
    Halves.take(half)
    tell(half, half.herder, 'Claim-Refused', other, code)
  else
    Halves.putRefusal(half, { reason = other, code = code })
  end
  return other, code
end

--- A herder says what it delivered. Returns the reason when that cannot be.
function Claims.answered(msg)
  local tags = msg.Tags
  local half, reason = Halves.meet(Read.id(msg.From), Read.id(tags['Job-Id']), Read.id(tags.Worker))
  if not half then return reason end
  if half.answered then return 'The answer for this job is here already' end
  local answered
  answered, reason = Answers.readAnswered(msg)
  if not answered then return reason end
  local refused = half.refused
  if refused then
    Halves.take(half)
    return tell(half, half.herder, 'Claim-Refused', refused.reason, refused.code)
  end
  reason = Halves.putAnswer(half, answered)
  if reason then return reason end
  return join(half)
end

--- When the grace is over: an answer without a claim, or a claim without an answer.
function Claims.expireHalf(key)
  local half = Arbiter.halves[key]
  if not half or Arbiter.now < half.dueAt then return end
  Halves.take(half)
  if half.answered then return tell(half, half.herder, 'Claim-Missing') end
  if half.refused then return end
  tell(half, half.worker, 'Claim-Refused', 'Its herder did not say in time that it got the answer')
end

-- == Ends =========================================================================================
local function close(claim, status)
  claim.status = status
  Arbiter.openClaims = Arbiter.openClaims - 1
  Alarms.set(Arbiter.now + KEEP_MS, 'forget-claim', claim.id)
  -- No bond pays for the room that its texts take, and both are on the gateway.
  Halves.forgetTexts(claim)
  claim.answer, claim.job.prompt = nil, nil
end

--- Whether it can still be challenged.
function Claims.isChallengeable(claim)
  return claim.status == 'open' and Arbiter.now < claim['until']
end

--- Makes a claim final when its window and its games are over.
function Claims.settle(claim)
  if claim.status ~= 'open' or Arbiter.now < claim['until'] or claim.openGames > 0 then return end
  close(claim, 'final')
  Arbiter.known[claim.herder] = true
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
