--[[
  Games: one challenger against the worker of one claim, about one token transition. Many may run at
  once and none waits for another. Each side has a chess clock in the scheduler's time; a turn has
  at least the extension, so that no move at the last second leaves the other side without time.
]]
local bint = require('.bint')(256)
local Accounts = require('arbiter.accounts')
local Alarms = require('arbiter.alarms')
local Claims = require('arbiter.claims')
local Read = require('arbiter.read')
local merkle = require('arbiter.merkle')

local MAX_DATA_BYTES = 16384
-- So many open games of a claim double the bond of the next: a defender has to answer all of them
-- at once. No more doublings than these: a hundred such bonds, as in a percentage, fit a bint.
local GAMES_A_DOUBLING, MOST_DOUBLINGS = 8, 48
local OTHER = { challenger = 'defender', defender = 'challenger' }

local Games = { OTHER = OTHER }

--- The account of a side.
local function playerOf(game, side)
  return side == 'challenger' and game.challenger or Arbiter.claims[game.claim].worker
end
Games.playerOf = playerOf

-- == Clocks =======================================================================================
--- The last moment at which the side on turn may move.
function Games.deadline(game)
  return game.since + game.clocks[game.turn]
end

--- Begins a turn.
function Games.pass(game, side)
  local now = Arbiter.now
  game.clocks[game.turn] = game.clocks[game.turn] - (now - game.since)
  game.turn, game.since = side, now
  game.clocks[side] = math.max(game.clocks[side], game.extension)
  local dueAt = Games.deadline(game) + 1
  -- An alarm that comes too early sets the next; one that would come too late is set now.
  if not game.alarmAt or dueAt < game.alarmAt then
    game.alarmAt = dueAt
    Alarms.set(dueAt, 'game', game.id)
  end
end

-- == Ends =========================================================================================
local function close(game, verdict)
  local claim = Arbiter.claims[game.claim]
  game.phase, game.verdict = 'closed', verdict
  claim.openGames, Arbiter.openGames = claim.openGames - 1, Arbiter.openGames - 1
  Alarms.set(Arbiter.now + Claims.KEEP_MS, 'forget-game', game.id)
end

local function announce(game, verdict)
  for _, side in ipairs({ 'challenger', 'defender' }) do
    ao.send({
      Target = playerOf(game, side), Action = 'Verdict', Game = game.id, Claim = game.claim,
      Winner = verdict.winner, Loser = verdict.loser, Reason = verdict.reason,
    })
  end
end

--- Who is paid for a refuted claim: the first who committed to what has won, lest a copy of the
--- winner's challenge is paid in its place. Who was beaten with it does not count.
local function earliestLike(game)
  for _, id in ipairs(Arbiter.claims[game.claim].games) do
    local other = Arbiter.games[id]
    if other and (other == game or other.phase ~= 'closed')
      and other.leaf == game.leaf and other.own == game.own then
      return other.challenger
    end
  end
end

--- Ends a game. The loser's bond is forfeit; a defender that loses takes the claim along.
function Games.decide(game, side, reason)
  local claim = Arbiter.claims[game.claim]
  local winner, loser = playerOf(game, side), playerOf(game, OTHER[side])
  local verdict = { side = side, winner = winner, loser = loser, reason = reason, at = Arbiter.now }
  if side == 'challenger' then
    local rewarded = earliestLike(game)
    close(game, verdict)
    Accounts.unlock(game.challenger, game.bond)
    Claims.refute(claim, rewarded, game.rewardPercent, reason)
    table.insert(Arbiter.voiding, { claim = claim.id, from = 1 })
  else
    close(game, verdict)
    Accounts.forfeit(game.challenger, game.bond, claim.worker, game.rewardPercent)
  end
  announce(game, verdict)
  Claims.settle(claim)
end

--- Gives the bond of a game back whose claim has fallen in another.
local function void(game)
  close(game, { reason = 'The claim was refuted in another game', at = Arbiter.now })
  Accounts.unlock(game.challenger, game.bond)
  announce(game, game.verdict)
end

--- Voids up to `most` games of refuted claims. Returns how many were looked at.
function Games.voidSome(most)
  local looked = 0
  while looked < most and Arbiter.voiding[1] do
    local entry = Arbiter.voiding[1]
    local claim = Arbiter.claims[entry.claim]
    local id = claim and claim.games[entry.from]
    if not id then
      table.remove(Arbiter.voiding, 1)
    else
      local game = Arbiter.games[id]
      if game and game.phase ~= 'closed' then void(game) end
      entry.from = entry.from + 1
    end
    looked = looked + 1
  end
  return looked
end

--- Ends a game whose clock has run out. Returns whether it had.
function Games.expire(game)
  if game.phase == 'closed' or Arbiter.now <= Games.deadline(game) then return false end
  if Arbiter.claims[game.claim].status ~= 'open' then
    void(game)
  else
    Games.decide(game, OTHER[game.turn], 'The clock of the ' .. game.turn .. ' ran out')
  end
  return true
end

--- Looks at the clock of a game, and again when it may be over.
function Games.wake(game)
  if game.phase == 'closed' or Games.expire(game) then return end
  game.alarmAt = Games.deadline(game) + 1
  Alarms.set(game.alarmAt, 'game', game.id)
end

-- == Challenges ===================================================================================
--- Whether this challenger has challenged the same leaf with the same commitment before.
local function isRepeated(claim, challenger, leaf, own)
  for _, id in ipairs(claim.games) do
    local game = Arbiter.games[id]
    if game and game.challenger == challenger and game.leaf == leaf and game.own == own then
      return true
    end
  end
end

--- Reads what a challenge denies: { leaf, before, after, own }, or nil and the reason.
local function readChallenge(claim, msg)
  local leaf = Read.whole(msg.Tags.Leaf, 0, claim.n - 1)
  local data = Read.object(msg.Data, MAX_DATA_BYTES)
  if not leaf then return nil, 'Leaf must be a whole number from 0 to ' .. claim.n - 1 end
  if not data then return nil, 'Data must be JSON of at most ' .. MAX_DATA_BYTES .. ' bytes' end
  local before, beforeProof = Read.opening(data.before)
  local after, afterProof = Read.opening(data.after)
  if not merkle.isListItem(claim.traceRoot, claim.n + 1, leaf, before, beforeProof) then
    return nil, 'before is not leaf ' .. leaf .. ' of the claim'
  end
  if not merkle.isListItem(claim.traceRoot, claim.n + 1, leaf + 1, after, afterProof) then
    return nil, 'after is not leaf ' .. leaf + 1 .. ' of the claim'
  end
  local own = Read.hash(data.own)
  if not own then return nil, 'own must be the leaf that you have, 64 hexadecimal digits' end
  if own == after then return nil, 'own is the leaf that the claim has: you do not deny it' end
  return { leaf = leaf, before = before, after = after, own = own }
end

--- What a challenge of a claim costs now.
function Games.nextBond(claim)
  local doublings = math.min(claim.openGames // GAMES_A_DOUBLING, MOST_DOUBLINGS)
  return tostring(bint(Arbiter.terms.challengeBond) * (1 << doublings))
end

--- Opens a game. Returns it, or nil and the reason.
function Games.challenge(msg)
  local claim, terms = Arbiter.claims[msg.Tags.Claim], Arbiter.terms
  if not claim then return nil, 'There is no claim ' .. tostring(msg.Tags.Claim):sub(1, 130) end
  if claim.status ~= 'open' then return nil, 'The claim is ' .. claim.status end
  if not Claims.isChallengeable(claim) then return nil, 'The window of the claim is over' end
  if msg.From == claim.worker then return nil, 'You cannot challenge your own claim' end
  local bond = Games.nextBond(claim)
  if not Accounts.has(msg.From, bond) then
    return nil, 'The free deposit is below the Challenge-Bond of now ' .. bond
      .. ' winston: there are ' .. claim.openGames .. ' open games'
  end
  local game, reason = readChallenge(claim, msg)
  if not game then return nil, reason end
  if isRepeated(claim, msg.From, game.leaf, game.own) then
    return nil, 'You have challenged this leaf with this commitment already'
  end
  Accounts.lock(msg.From, bond)
  Arbiter.nextGame = Arbiter.nextGame + 1
  game.id, game.claim, game.challenger = tostring(Arbiter.nextGame), claim.id, msg.From
  game.bond, game.rewardPercent = bond, terms.rewardPercent
  game.extension, game.clocks = terms.extensionMs,
    { challenger = terms.clockMs, defender = terms.clockMs }
  game.phase, game.moves, game.openedAt = 'operators', 0, Arbiter.now
  game.turn, game.since = 'challenger', Arbiter.now
  Arbiter.games[game.id] = game
  table.insert(claim.games, game.id)
  claim.openGames, Arbiter.openGames = claim.openGames + 1, Arbiter.openGames + 1
  Games.pass(game, 'defender')
  return game
end

return Games
