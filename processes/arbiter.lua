--[[
  The arbiter: keeps bonds in wAR, takes the claims that workers make about their answers, lets
  anybody challenge them, and judges each dispute by computing one single instruction itself.

  It believes the token about money, the scheduler about time, the owner about which models there
  are, and nobody about a computation. All messages and outcomes: docs/PROTOCOL.md. What a game is
  about and why the honest side wins: docs/DISPUTES.md.

  Source: the idea of opML (arXiv 2401.17555); the rules are Corral's own.
]]
local Accounts = require('arbiter.accounts')
local Alarms = require('arbiter.alarms')
local Claims = require('arbiter.claims')
local Games = require('arbiter.games')
local Models = require('arbiter.models')
local Read = require('arbiter.read')
local Terms = require('arbiter.terms')
local Views = require('arbiter.views')
local hex = require('arbiter.hex')
local json = require('json')
local keepOwn = require('shared.keep-own')
local move = require('arbiter.moves')
local processTag = require('shared.process-tag')

-- Due things that one message looks at: enough to keep up with what one message can make due.
local SWEEP = 16
-- Messages remembered, so that one that is delivered again is not heard again.
local REMEMBERED = 1024

-- == State. It outlives a reload of this program. =================================================
Arbiter = Arbiter or {
  token = processTag('Payment-Token') or 'xU9zFkq3X2ZQ6olwNVvr1vUWIjc3kXTWr7xKQD6dh10',
  burn = processTag('Burn-Address') or string.rep('A', 43), -- 32 zero bytes: nobody has that key
  terms = {},
  accounts = {}, -- id -> { free, locked = winston, delegate = id or nil }
  held = '0', -- winston of all accounts
  transfers = {}, -- reference -> { account, quantity } that the token has not answered yet
  models = {}, -- id -> see models.lua
  halves = {}, -- key -> what waits for its other half, see halves.lua
  waiting = {}, -- how much there is of what is bounded, see halves.lua
  known = {}, -- ids of herders that have had a claim that became final
  claims = {}, -- "<herder>:<job>" -> claim
  games = {}, -- number, as a text -> game
  voiding = {}, -- refuted claims whose other games are still to be ended
  alarms = {}, -- see alarms.lua
  seen = {}, -- ids of the latest messages, by id and by number
  nextTransfer = 1, nextGame = 0, nextAlarm = 0, nextSeen = 0,
  openClaims = 0, openGames = 0,
  now = 0, -- ms; time of the latest message, never goes back
}

keepOwn('Id', 'Timestamp')

-- Nobody reads mail here: what no handler knows is shown and dropped, or it would fill the memory.
Inbox = setmetatable(Inbox, { __newindex = function() end })

--- Believes the time that the scheduler wrote: a number.
local function observe(timestamp)
  if math.type(timestamp) == 'integer' then Arbiter.now = math.max(Arbiter.now, timestamp) end
end

-- == Time =========================================================================================
local WAKE = {
  half = Claims.expireHalf,
  claim = function(id)
    if Arbiter.claims[id] then Claims.settle(Arbiter.claims[id]) end
  end,
  game = function(id)
    local game = Arbiter.games[id]
    if game and game.alarmAt <= Arbiter.now then Games.wake(game) end
  end,
  ['forget-claim'] = function(id) Arbiter.claims[id] = nil end,
  ['forget-game'] = function(id)
    local claim = Arbiter.claims[Arbiter.games[id].claim]
    -- Who looks at an open claim reads all of its games.
    if claim and claim.status == 'open' then
      return Alarms.set(Arbiter.now + Claims.KEEP_MS, 'forget-game', id)
    end
    Arbiter.games[id] = nil
  end,
}

--- Does a bounded part of what is due.
local function sweep()
  local left = SWEEP - Games.voidSome(SWEEP)
  while left > 0 do
    local alarm = Alarms.takeDue(Arbiter.now)
    if not alarm then return end
    WAKE[alarm.kind](alarm.id)
    left = left - 1
  end
end

-- == Messages =====================================================================================
--- Answers the sender. Not msg.reply: by Reply-To anyone could have strangers answered.
local function answer(msg, reply)
  reply.Target, reply['X-Reference'] = msg.From, msg['X-Reference'] or msg.Reference
  ao.send(reply)
end

--- Whether a message was heard before. Those of the clock have no id.
local function isRepeated(id)
  local seen = Arbiter.seen
  if not id then return false end
  if seen[id] then return true end
  Arbiter.nextSeen = Arbiter.nextSeen + 1
  local place = Arbiter.nextSeen % REMEMBERED
  if seen[place] then seen[seen[place]] = nil end
  seen[place], seen[id] = id, true
  return false
end

--- Adds the handler of an Action that changes something. `handle` returns the reason for which it
--- changed nothing: the sender gets it as `refusal`.
local function on(action, refusal, handle)
  Handlers.add('Arbiter.' .. action, action, function(msg)
    observe(msg.Timestamp)
    local reason, code = 'This message came before', nil
    if not isRepeated(msg.Id) then reason, code = handle(msg) end
    if reason and refusal then
      print(Colors.gray .. action .. ' of ' .. msg.From:sub(1, 6) .. ': ' .. Colors.red .. reason
        .. Colors.reset)
      answer(msg, {
        Action = refusal, Error = reason, Code = code, Claim = msg.Tags.Claim,
        Game = msg.Tags.Game, ['Job-Id'] = msg.Tags['Job-Id'], Worker = msg.Tags.Worker,
      })
    end
    sweep()
  end)
end

--- Adds the handler of a question. It changes nothing, so a dry run tells as much as a message.
local function onRead(action, view)
  Handlers.add('Arbiter.' .. action, action, function(msg)
    observe(msg.Timestamp)
    local shown, reason = view(msg)
    answer(msg, {
      Action = action .. '-Response', Error = reason, Data = shown and json.encode(shown) or nil,
    })
  end)
end

-- == Money ========================================================================================
on('Credit-Notice', nil, function(msg)
  local quantity, sender = Read.quantity(msg.Tags.Quantity), msg.Tags.Sender
  if msg.From ~= Arbiter.token or not quantity or not Read.id(sender) or sender == ao.id then
    return
  end
  Accounts.credit(sender, quantity)
  local delegate = msg.Tags['X-Delegate']
  if delegate then Accounts.delegate(sender, delegate) end
end)

on('Debit-Notice', nil, function(msg)
  if msg.From == Arbiter.token then Accounts.settleTransfer(msg.Tags['X-Reference'], true) end
end)

on('Transfer-Error', nil, function(msg)
  if msg.From ~= Arbiter.token then return end
  local transfer = Accounts.settleTransfer(msg.Tags['X-Reference'], false)
  if not transfer or transfer.account == Arbiter.burn then return end
  ao.send({
    Target = transfer.account, Action = 'Withdraw-Failed', Quantity = transfer.quantity,
    Error = tostring(msg.Tags.Error),
  })
end)

on('Withdraw', 'Withdraw-Refused', function(msg)
  local quantity = Read.quantity(msg.Tags.Quantity)
  if not quantity then return 'Quantity must be winston, above 0, in at most 76 digits' end
  if not Accounts.has(msg.From, quantity) then
    return 'Only ' .. Views.account(msg.From).free .. ' winston are free'
  end
  Accounts.payOut(msg.From, quantity, msg.From)
end)

on('Delegate', 'Delegate-Refused', function(msg)
  local reason = Accounts.delegate(msg.From, msg.Tags.Delegate or '')
  if not reason then answer(msg, { Action = 'Delegate-Set', Delegate = msg.Tags.Delegate }) end
  return reason
end)

-- == The owner ====================================================================================
on('Set-Terms', 'Terms-Refused', function(msg)
  if msg.From ~= Owner then return 'Only the owner can set terms' end
  local reason = Terms.set(function(tag) return msg.Tags[tag] end)
  if not reason then answer(msg, { Action = 'Terms-Set' }) end
  return reason
end)

on('Register-Model', 'Model-Refused', function(msg)
  if msg.From ~= Owner then return 'Only the owner can register a model' end
  local model, reason = Models.register(Read.modelId(msg.Tags), msg.Data)
  if not model then return reason end
  answer(msg, {
    Action = 'Model-Registered', ['Model-ID'] = model.id,
    ['Program-Root'] = hex.encode(model.program.root),
  })
end)

-- == Claims and games =============================================================================
on('Claim', 'Claim-Refused', Claims.claim)
on('Answered', 'Answered-Refused', Claims.answered)

on('Challenge', 'Challenge-Refused', function(msg)
  local game, reason = Games.challenge(msg)
  if not game then return reason end
  answer(msg, { Action = 'Challenge-Accepted', Game = game.id, Claim = game.claim })
  ao.send({
    Target = Games.playerOf(game, 'defender'), Action = 'Game-Moved', Game = game.id,
    Turn = game.turn,
  })
end)

on('Move', 'Move-Refused', function(msg)
  local game, reason = move(msg)
  if not game then return reason end
  for _, side in ipairs({ 'challenger', 'defender' }) do
    ao.send({
      Target = Games.playerOf(game, side), Action = 'Game-Moved', Game = game.id,
      Turn = game.phase ~= 'closed' and game.turn or nil,
    })
  end
end)

on('Timeout', 'Timeout-Refused', function(msg)
  local game = Arbiter.games[msg.Tags.Game]
  if not game then return 'There is no game ' .. tostring(msg.Tags.Game):sub(1, 20) end
  if game.phase == 'closed' then return 'The game is over: ' .. game.verdict.reason end
  if not Games.expire(game) then
    return 'The ' .. game.turn .. ' may move until ' .. Games.deadline(game)
  end
end)

on('Tick', nil, function() end) -- anyone may move time on: only the scheduler's own time counts
on('Cron', nil, function() end)

-- == Questions ====================================================================================
onRead('Info', Views.info)
onRead('Model-Info', function(msg) return Views.model(Read.modelId(msg.Tags)) end)
onRead('Account', function(msg) return Views.account(msg.Tags.Account or msg.From) end)
onRead('Claim-Info', function(msg) return Views.claim(msg.Tags.Claim) end)
onRead('Game-Info', function(msg) return Views.game(msg.Tags.Game) end)
onRead('Open-Claims', Views.openClaims)
onRead('Open-Games', function(msg) return Views.openGames(msg.Tags.Claim) end)

-- == Boot =========================================================================================
if not next(Arbiter.terms) then
  observe(os.time())
  local reason = Terms.set(processTag)
  if reason then error('Process tag ' .. reason) end
end
Terms.fill()
