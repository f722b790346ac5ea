--[[
  The place where the two halves of a claim meet: by herder, job and worker, in either order. A
  worker's half waits on its bond; what waits and costs nobody a bond is bounded in number. The
  texts of answers, of those that wait and of open claims, are bounded in bytes.
]]
local Accounts = require('arbiter.accounts')
local Alarms = require('arbiter.alarms')

local MOST_ANSWERS, MOST_ANSWERS_OF_ONE = 1024, 64 -- that wait for their claims
local MOST_REFUSALS = 1024 -- that wait for the answer that they are about
-- Bytes of prompts and answers: in all, and of what waits, lest that leave no room for the rest.
local MOST_BYTES, MOST_WAITING_BYTES = 64 << 20, 16 << 20
-- Herders without a claim that became final can be anybody's for nothing: all of them together have
-- this part of the room of what waits.
local STRANGERS_DIVISOR = 2

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

--- The room that an answer takes: { what is counted, by how much, up to which limit, or why not }.
local function roomOf(half, bytes)
  local rooms = { { 'bytes', bytes, MOST_BYTES, 'The prompts and answers of all open claims take '
    .. (MOST_BYTES >> 20) .. ' MB already: try again when some are final' } }
  if half.claimed then return rooms end
  local reason = 'Too many answers wait for their claims'
  local divisor = Arbiter.known[half.herder] and 1 or STRANGERS_DIVISOR
  table.insert(rooms, { 'answers', 1, MOST_ANSWERS // divisor, reason })
  table.insert(rooms, { 'of ' .. half.herder, 1, MOST_ANSWERS_OF_ONE, reason })
  table.insert(rooms, { 'waiting bytes', bytes, MOST_WAITING_BYTES // divisor, reason })
  return rooms
end

--- Keeps what a herder delivered. Returns the reason when there is no room for it.
function Halves.putAnswer(half, answered)
  local bytes = #answered.job.prompt + #answered.answer
  local rooms = roomOf(half, bytes)
  for i, room in ipairs(rooms) do
    if not count(room[1], room[2], room[3]) then
      for taken = 1, i - 1 do count(rooms[taken][1], -rooms[taken][2]) end
      return room[4]
    end
  end
  half.answered, half.bytes, half.isCounted = answered, bytes, not half.claimed
  wait(half)
end

--- Gives back the room of the texts of a claim.
function Halves.forgetTexts(claim)
  count('bytes', -claim.bytes)
end

--- Remembers that a claim was refused, for the herder that may speak of the answer yet.
function Halves.putRefusal(half, refused)
  if half.refused or not count('refusals', 1, MOST_REFUSALS) then return end
  half.refused = refused
  wait(half)
end

--- Takes both halves away; the bond and the texts go on to the claim, or are free again.
function Halves.take(half, isOpened)
  if not Arbiter.halves[half.key] then return end
  Arbiter.halves[half.key] = nil
  if half.claimed and not isOpened then Accounts.unlock(half.worker, half.bond) end
  if half.refused then count('refusals', -1) end
  if half.answered and not isOpened then count('bytes', -half.bytes) end
  if half.isCounted then
    count('answers', -1)
    count('of ' .. half.herder, -1)
    count('waiting bytes', -half.bytes)
  end
end

return Halves
