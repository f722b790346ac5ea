--[[
  The moves of a game, from a token transition to one instruction:

    operators  the defender commits to the memory after each operator of the transition
    operator   the challenger names the first whose result it denies
    steps      the defender says how many steps it took, and the state in the middle
    bisect     in turn, the challenger first: whether one shares that state, and the next middle
               state; when one step is left, its proof

  The arbiter derives where each phase starts and ends from what both sides agreed on in the one
  before. A move that is not the one that the game waits for is refused and changes nothing.
]]
local Accounts = require('arbiter.accounts')
local Games = require('arbiter.games')
local Machine = require('arbiter.machine')
local Read = require('arbiter.read')
local State = require('arbiter.state')
local hex = require('arbiter.hex')
local merkle = require('arbiter.merkle')

local MAX_OPERATORS = 16384 -- their root takes three quarters of a message's instructions
local MAX_OPERATORS_BYTES, MAX_OPENINGS_BYTES = 1100000, 16384
local MAX_WITNESS_BYTES = 4096
local MAX_STEPS = 1 << 40

local function middle(lo, hi)
  return (lo + hi) // 2
end

-- Each returns the reason for which the move is refused, or nil when it is made.
local Kinds = {}

function Kinds.Operators(game, claim, msg)
  local data = Read.object(msg.Data, MAX_OPERATORS_BYTES)
  local leaves = data and Read.hashes(data.leaves, 2, MAX_OPERATORS + 1)
  local workRoot = data and Read.hash(data.workRoot)
  if not leaves or not workRoot then
    return 'Data must be JSON of leaves, 2 to ' .. MAX_OPERATORS + 1 .. ' hashes, and workRoot'
  end
  if leaves[1] ~= State.memoryHash(game.before, claim.model.zeroWorkRoot) then
    return 'Operator leaf 0 is not the agreed token leaf with an empty work region'
  end
  if leaves[#leaves] ~= State.memoryHash(game.after, workRoot) then
    return 'The last operator leaf is not the disputed token leaf with workRoot'
  end
  game.operatorsRoot, game.operators = merkle.listRoot(leaves), #leaves - 1
  game.operatorsMessage = msg.Id
  game.phase = 'operator'
end

function Kinds.Operator(game, _, msg)
  local index = Read.whole(msg.Tags.Operator, 0, game.operators - 1)
  if not index then return 'Operator must be a whole number from 0 to ' .. game.operators - 1 end
  local data = Read.object(msg.Data, MAX_OPENINGS_BYTES)
  if not data then return 'Data must be JSON of before and after' end
  local before, beforeProof = Read.opening(data.before)
  local after, afterProof = Read.opening(data.after)
  local root, count = game.operatorsRoot, game.operators + 1
  if not merkle.isListItem(root, count, index, before, beforeProof) then
    return 'before is not operator leaf ' .. index
  end
  if not merkle.isListItem(root, count, index + 1, after, afterProof) then
    return 'after is not operator leaf ' .. index + 1
  end
  game.operator, game.start, game['end'] = index, before, after
  game.phase = 'steps'
end

function Kinds.Steps(game, claim, msg)
  local steps = Read.whole(msg.Tags.Steps, 1, MAX_STEPS)
  if not steps then return 'Steps must be a whole number from 1 to ' .. MAX_STEPS end
  local state = Read.hash(msg.Tags.State)
  if steps > 1 and not state then
    return 'State must be the hash after ' .. middle(0, steps) .. ' steps'
  end
  if steps == 1 and msg.Tags.State then return 'One step has no middle: leave State out' end
  local program, inputRoot = claim.model.program, claim.job.inputRoot
  game.steps, game.lo, game.hi, game.hiBy = steps, 0, steps, 'defender'
  game.loState = State.start(program, inputRoot, game.start)
  game.hiState = State.halted(program, inputRoot, game['end'], steps)
  if steps > 1 then game.mid, game.midState, game.midBy = middle(0, steps), state, 'defender' end
  game.phase = 'bisect'
end

--- The interval after the mover's word on the middle state: { lo, hi, loState, hiState, hiBy }, or
--- nil and the reason.
local function narrow(game, agree)
  if not game.mid then
    if agree then return nil, 'There is no middle state to agree on: leave Agree out' end
    return game
  end
  if agree == 'true' then
    return { lo = game.mid, loState = game.midState,
      hi = game.hi, hiState = game.hiState, hiBy = game.hiBy }
  elseif agree == 'false' then
    return { lo = game.lo, loState = game.loState,
      hi = game.mid, hiState = game.midState, hiBy = game.midBy }
  end
  return nil, 'Agree must say true or false about the state after ' .. game.mid .. ' steps'
end

local function take(game, interval)
  game.lo, game.loState = interval.lo, interval.loState
  game.hi, game.hiState, game.hiBy = interval.hi, interval.hiState, interval.hiBy
end

function Kinds.Bisect(game, _, msg)
  local interval, reason = narrow(game, msg.Tags.Agree)
  if not interval then return reason end
  local size = interval.hi - interval.lo
  if size == 1 then return 'One step is left: prove it with Kind=Step' end
  local mid, state = middle(interval.lo, interval.hi), Read.hash(msg.Tags.State)
  if not state then return 'State must be the hash after ' .. mid .. ' steps' end
  take(game, interval)
  game.mid, game.midState, game.midBy = mid, state, game.turn
end

function Kinds.Step(game, claim, msg)
  local interval, reason = narrow(game, msg.Tags.Agree)
  if not interval then return reason end
  local size = interval.hi - interval.lo
  if size > 1 then return size .. ' steps are left: halve them with Kind=Bisect' end
  if type(msg.Data) ~= 'string' or #msg.Data > 2 * MAX_WITNESS_BYTES then
    return 'Data must be a witness of at most ' .. MAX_WITNESS_BYTES .. ' bytes, as hexadecimal'
  end
  local witness = hex.decode(msg.Data)
  if not witness then return 'Data is not hexadecimal' end
  local next, detail =
    Machine.verify(claim.model.program, claim.job.inputRoot, interval.loState, witness)
  if next == nil then return 'The witness is refused: ' .. tostring(detail) end
  take(game, interval)
  game.mid, game.midState, game.midBy = nil, nil, nil
  local holds = next == interval.hiState
  Games.decide(game, holds and interval.hiBy or Games.OTHER[interval.hiBy],
    'Step ' .. interval.lo .. ' of operator ' .. game.operator .. (holds and ' leads' or
    ' does not lead') .. ' to the state claimed by the ' .. interval.hiBy)
  game.verdict.step = detail
end

-- phase -> kinds that it takes, and who is on turn after them
local PHASES = {
  operators = { Operators = 'challenger' },
  operator = { Operator = 'defender' },
  steps = { Steps = 'challenger' },
  bisect = { Bisect = 'other', Step = 'nobody' },
}

--- Makes a move. Returns the game, or nil and the reason for which nothing has changed.
return function(msg)
  local tags = msg.Tags
  local game = Arbiter.games[tags.Game]
  if not game then return nil, 'There is no game ' .. tostring(tags.Game):sub(1, 20) end
  if Games.expire(game) or game.phase == 'closed' then
    return nil, 'The game is over: ' .. game.verdict.reason
  end
  local claim, side = Arbiter.claims[game.claim], game.turn
  if claim.status ~= 'open' then return nil, 'The claim was refuted in another game' end
  if not Accounts.isPlayer(msg.From, Games.playerOf(game, side)) then
    return nil, 'It is the turn of the ' .. side
  end
  if tags.Number and tags.Number ~= tostring(game.moves + 1) then
    return nil, 'The game waits for move ' .. game.moves + 1
  end
  local after = PHASES[game.phase][tags.Kind]
  if not after then
    return nil, 'The game is in phase ' .. game.phase .. ': Kind cannot be ' .. tostring(tags.Kind)
  end
  local reason = Kinds[tags.Kind](game, claim, msg)
  if reason then return nil, reason end
  game.moves = game.moves + 1
  if after ~= 'nobody' then Games.pass(game, after == 'other' and Games.OTHER[side] or after) end
  return game
end
