--[[
  The place where the two halves of a claim meet: by herder, job and worker, in either order. A
  worker's half waits on its bond; what waits and costs nobody a bond is bounded in number.
]]
local Accounts = require('arbiter.accounts')
local Alarms = require('arbiter.alarms')

local MOST_ANSWERS, MOST_ANSWERS_OF_ONE = 1024, 64 -- that wait for their claims
local MOST_REFUSALS = 1024 -- that wait for the answer that they are about

local Halves = {}

function Halves.claimId(herder, jobId)
  return herder .. ':' .. jobId
end

--- What waits for this, or nothing yet; nil and the reason when it has met already.
function Halves.meet(herder, jobId, worker)
  if not herder or not jobId or not worker then
    return nil, 'Herder, Job-Id or Worker is not an id'
  end
  local claim = Arbiter.claims[Halves.claimId(herder, jobId)]
  if claim then return nil, 'The job ' .. jobId .. ' has a claim: it is ' .. claim.status end
  local key = Halves.claimId(herder, jobId) .. ':' .. worker
  return Arbiter.halves[key] or { key = key, herder = herder, jobId = jobId, worker = worker }
end

local function count(name, by, most)
  local waiting = Arbiter.waiting
  local number = (waiting[name] or 0) + by
  if most and number > most then return false end
  waiting[name] = number > 0 and number or nil
  return true
end

local function wait(half)
  if Arbiter.halves[half.key] then return end
  Arbiter.halves[half.key] = half
  half.dueAt = Arbiter.now + Arbiter.terms.graceMs
  Alarms.set(half.dueAt, 'half', half.key)
end

--- Keeps what a worker claims, and its bond.
function Halves.putClaim(half, claimed, bond)
  if half.refused then count('refusals', -1) end
  half.refused = nil
  Accounts.lock(half.worker, bond)
  half.claimed, half.bond = claimed, bond
  wait(half)
end

--- Keeps what a herder delivered; false when too much waits already.
function Halves.putAnswer(half, answered)
  if not half.claimed then
    if not count('answers', 1, MOST_ANSWERS) then return false end
    if not count('of ' .. half.herder, 1, MOST_ANSWERS_OF_ONE) then
      count('answers', -1)
      return false
    end
    half.isCounted = true
  end
  half.answered = answered
  wait(half)
  return true
end

--- Remembers that a claim was refused, for the herder that may speak of the answer yet.
function Halves.putRefusal(half, refused)
  if half.refused or not count('refusals', 1, MOST_REFUSALS) then return end
  half.refused = refused
  wait(half)
end

--- Takes both halves away; the bond goes on to the claim, or is free again.
function Halves.take(half, isOpened)
  if not Arbiter.halves[half.key] then return end
  Arbiter.halves[half.key] = nil
  if half.claimed and not isOpened then Accounts.unlock(half.worker, half.bond) end
  if half.refused then count('refusals', -1) end
  if half.isCounted then
    count('answers', -1)
    count('of ' .. half.herder, -1)
  end
end

return Halves
