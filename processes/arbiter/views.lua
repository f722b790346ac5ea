-- What anybody may read, as JSON: hashes in hex, quantities as decimal strings, times in ms.
local Games = require('arbiter.games')
local hex = require('arbiter.hex')
local sha256 = require('arbiter.sha256')

local Views = {}

local function encode(hash)
  return hash and hex.encode(hash)
end

function Views.claim(id)
  local claim = Arbiter.claims[id]
  if not claim then return nil, 'There is no claim ' .. tostring(id):sub(1, 130) end
  local job, account = claim.job, Arbiter.accounts[claim.worker] or {}
  local program, answer = claim.model.program, claim.answer
  return {
    id = claim.id, herder = claim.herder, job = claim.jobId, worker = claim.worker,
    delegate = account.delegate, model = claim.model.id, bond = claim.bond,
    prompt = job.prompt,
    params = {
      maxTokens = job.maxTokens, temperature = job.temperature, topP = job.topP,
      seed = tostring(job.seed), stops = job.stops, trim = job.trim,
    },
    answer = answer, outputHash = answer and hex.encode(sha256(answer)),
    moduleRoot = hex.encode(program.moduleRoot), tokenizerRoot = hex.encode(program.vocabularyRoot),
    weightsRoot = hex.encode(program.weightsRoot), programRoot = hex.encode(program.root),
    tokens = claim.tokens, promptTokens = claim.promptTokens,
    stopReason = claim.stopReason, stopIndex = claim.stopIndex, n = claim.n,
    traceRoot = encode(claim.traceRoot), inputRoot = encode(job.inputRoot),
    claimRoot = encode(claim.stateRoot), claimMessage = claim.messageId,
    openedAt = claim.openedAt, ['until'] = claim['until'], status = claim.status,
    games = claim.games, challengeBond = Games.nextBond(claim),
  }
end

function Views.game(id)
  local game = Arbiter.games[id]
  if not game then return nil, 'There is no game ' .. tostring(id):sub(1, 20) end
  local claim = Arbiter.claims[game.claim] or {}
  local account = Arbiter.accounts[claim.worker] or {}
  return {
    id = game.id, claim = game.claim, challenger = game.challenger, defender = claim.worker,
    delegate = account.delegate, bond = game.bond,
    phase = game.phase, turn = game.turn, moves = game.moves,
    leaf = game.leaf, before = encode(game.before), after = encode(game.after),
    own = encode(game.own),
    operators = game.operators, operatorsMessage = game.operatorsMessage, operator = game.operator,
    start = encode(game.start), ['end'] = encode(game['end']),
    steps = game.steps, lo = game.lo, hi = game.hi, mid = game.mid, hiBy = game.hiBy,
    midBy = game.midBy, loState = encode(game.loState), hiState = encode(game.hiState),
    midState = encode(game.midState),
    clocks = game.clocks, extension = game.extension, since = game.since,
    openedAt = game.openedAt, verdict = game.verdict,
  }
end

--- How a model is registered: the program that its claims are judged by, and how prompts are laid out.
function Views.model(id)
  local model = id and Arbiter.models[id]
  if not model then return nil, 'There is no model ' .. tostring(id) end
  return {
    id = model.id, programRoot = encode(model.program.root),
    template = model.template, roles = model.roles,
  }
end

--- Ids of what is open, oldest first.
local function listOpen(things, isOpen)
  local found, ids = {}, {}
  for _, thing in pairs(things) do
    if isOpen(thing) then table.insert(found, thing) end
  end
  table.sort(found, function(a, b)
    if a.openedAt ~= b.openedAt then return a.openedAt < b.openedAt end
    return #a.id < #b.id or #a.id == #b.id and a.id < b.id
  end)
  for i, thing in ipairs(found) do ids[i] = thing.id end
  return ids
end

function Views.openClaims()
  return listOpen(Arbiter.claims, function(claim) return claim.status == 'open' end)
end

function Views.openGames(claim)
  return listOpen(Arbiter.games, function(game)
    return game.phase ~= 'closed' and (not claim or game.claim == claim)
  end)
end

function Views.account(id)
  local account = Arbiter.accounts[id] or { free = '0', locked = '0' }
  return { account = id, free = account.free, locked = account.locked, delegate = account.delegate }
end

--- Terms, totals and what is registered. `held` is what the token should hold for the arbiter.
function Views.info()
  local models = {}
  for id in pairs(Arbiter.models) do table.insert(models, id) end
  table.sort(models)
  return {
    name = 'Arbiter', token = Arbiter.token, burn = Arbiter.burn, owner = Owner,
    terms = Arbiter.terms, now = Arbiter.now, models = models, held = Arbiter.held,
    openClaims = Arbiter.openClaims, openGames = Arbiter.openGames,
  }
end

return Views
