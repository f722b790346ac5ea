--[[
  A llama worker: computes answers for one herder with the model that its tags name.

  Process tags: Model-ID (data item of a GGUF model), Router-ID (the herder), and optionally
  Prompt-Template, in which {prompt} stands for a prompt that has no chat roles of its own, and
  Chat-Roles, a JSON array of the texts that begin a chat role. With Arbiter-ID it claims each
  answer there, and its wAR becomes its deposit (Payment-Token, Delegate). At boot it loads
  /data/<Model-ID> and registers with its herder. Every job ends in one message: Inference-Response,
  or Inference-Error with the reason. Nothing but silence means a crash.

  Source: the llama-herder worker (permaweb/llama-herder ca36c6d, src/worker.lua). Divergence: ends
  when the model does (upstream fails on the nil of `next`), honours Termination, reports failures,
  names the job that it answers, puts bare prompts into chat roles, claims its answers.
]]
local json = require('json')
local Layout = require('shared.layout')
local processTag = require('shared.process-tag')

-- A reason has to fit a tag, or the herder would hear nothing.
local MAX_REASON_BYTES = 500

local function readRoles(text)
  return text and json.decode(text) or Layout.ROLES
end

Worker = Worker or {
  model = processTag('Model-ID') or 'ISrbGzQot05rs_HKC08O_SmkipYQnqgB1yC3mjZZeEo',
  herder = processTag('Router-ID') or 'wh5vB2IbqmIBUqgodOaTvByNFDPr73gbUq1bVOUtCrw',
  arbiter = processTag('Arbiter-ID'), -- answers are claimed there, if there is one
  token = processTag('Payment-Token') or 'xU9zFkq3X2ZQ6olwNVvr1vUWIjc3kXTWr7xKQD6dh10',
  delegate = processTag('Delegate') or Owner, -- defends what this process claims
  template = processTag('Prompt-Template') or Layout.TEMPLATE,
  roles = readRoles(processTag('Chat-Roles')),
  engine = nil, -- require('llama'), once the model is loaded
}

-- Nobody reads the mail of this process: whatever no handler knows is shown and dropped, or anyone
-- could fill its memory.
Inbox = setmetatable(Inbox, { __newindex = function() end })

--- Loads the model if that was not done. Raises an error when it cannot be loaded.
local function engine()
  if not Worker.engine then
    local llama = require('llama')
    llama.logLevel = llama.logLevels and llama.logLevels.warn
    llama.load('/data/' .. Worker.model)
    Worker.engine = llama
  end
  return Worker.engine
end

--- Computes the rest of an answer. Returns what the engine says of its end: text, tokens, reason,
--- stopIndex.
local function finish(llama)
  repeat until llama.next() == nil
  return llama.ending()
end

--- Why an answer ended, as the herder is told it: the end of a chat turn is the model's own.
local function stopReason(ending, termination)
  if ending.reason ~= 'stop' then return ending.reason end
  return termination and ending.stopIndex == 1 and 'termination' or 'end'
end

--- Claims the answer that the engine has just given, if there is an arbiter. Returns what the claim
--- commits to.
local function claimAnswer(llama, msg)
  local claim = Worker.arbiter and llama.claim()
  if not claim then return nil end
  ao.send({
    Target = Worker.arbiter, Action = 'Claim', ['Job-Id'] = msg['Job-Id'], Herder = msg.From,
    ['Model-ID'] = Worker.model, ['State-Root'] = claim.claimRoot, Data = json.encode(claim.data),
  })
  return claim.claimRoot
end

--- Tells the herder that a job failed. Fault: Request when another worker would fail at it, too.
--- Where in our Lua it failed is nothing to who asked: that is for the console.
local function reportError(msg, reason, fault)
  print(Colors.red .. 'Inference failed: ' .. Colors.reset .. reason)
  reason = reason:gsub('^%[string "[^"]*"%]:%d+: ', '')
  msg.reply({
    Action = 'Inference-Error',
    ['Job-Id'] = msg['Job-Id'],
    Error = reason:sub(1, MAX_REASON_BYTES),
    Fault = fault,
  })
end

--- Loads the model and joins the herd. A model that cannot be loaded is reported, not raised: an
--- error at boot would leave a process that can never start.
local function join()
  local ok, reason = pcall(engine)
  if not ok then
    print(Colors.red .. 'No model: ' .. Colors.reset .. tostring(reason))
    return
  end
  ao.send({ Target = Worker.herder, Action = 'Register-Worker', ['Model-ID'] = Worker.model })
end

Handlers.add('Worker.Inference', 'Inference', function(msg)
  if msg.From ~= Worker.herder then
    print(Colors.red .. 'Inference refused: ' .. Colors.reset .. msg.From .. ' is not my herder')
    return
  end
  local count = math.tointeger(tonumber(msg.Tokens))
  if type(msg.Data) ~= 'string' or not count or count < 1 then
    return reportError(msg, 'Inference needs Data and Tokens', 'Request')
  end
  local loaded, llama = pcall(engine)
  if not loaded then return reportError(msg, tostring(llama), 'Worker') end

  local termination = msg.Termination ~= '' and msg.Termination or nil
  local prompt = Layout.layOut(msg.Data, Worker.template, Worker.roles)
  local accepted, refusal = pcall(llama.answer, {
    prompt = prompt, tokens = count, stops = Layout.stops(termination, Worker.roles),
    trim = Layout.isTurn(prompt),
  })
  if not accepted then return reportError(msg, tostring(refusal), 'Request') end

  local ok, ending = pcall(finish, llama)
  if not ok then
    Worker.engine = nil
    reportError(msg, tostring(ending), 'Worker')
    return join()
  end
  local root = claimAnswer(llama, msg)
  msg.reply({
    Action = 'Inference-Response',
    ['Job-Id'] = msg['Job-Id'],
    Tokens = tostring(ending.tokens),
    ['Stop-Reason'] = stopReason(ending, termination),
    ['State-Root'] = root,
    ['Model-ID'] = Worker.model,
    Data = ending.text,
  })
end)

--- Changes the model: by the owner, or by the herder that this worker serves.
Handlers.add('Worker.Init', 'Init', function(msg)
  if msg.From ~= Owner and msg.From ~= Worker.herder then
    print(Colors.red .. 'Init refused: ' .. Colors.reset .. msg.From .. ' is not my owner')
    return
  end
  Worker.model = msg['Model-Id'] or msg.Modelid or Worker.model
  if Worker.engine then Worker.engine.stop() end
  Worker.engine = nil
  join()
  msg.reply({ Action = Worker.engine and 'Worker-Initialized' or 'Worker-Failed' })
end)

--- The herder took this worker for dead and offers it a way back.
Handlers.add('Worker.Rejoin', 'Rejoin', function(msg)
  if msg.From == Worker.herder then join() end
end)

-- The herder's answers to Register-Worker. Before its owner has admitted a new worker it refuses.
Handlers.add('Worker.Registered', 'Worker-Registered', function(msg)
  if msg.From == Worker.herder then print('Joined the herd of ' .. msg.From:sub(1, 6)) end
end)
Handlers.add('Worker.Refused', 'Worker-Refused', function(msg)
  if msg.From == Worker.herder then print('Not in the herd yet: ' .. tostring(msg.Error)) end
end)

-- Whoever pays this process strengthens its deposit: that is what it can lose by a wrong answer.
Handlers.add('Worker.Credit-Notice', 'Credit-Notice', function(msg)
  if msg.From ~= Worker.token or not Worker.arbiter or msg.Sender == Worker.arbiter then return end
  ao.send({
    Target = Worker.token, Action = 'Transfer', Recipient = Worker.arbiter,
    Quantity = msg.Quantity, ['X-Delegate'] = Worker.delegate,
  })
end)

-- What the arbiter and the token tell on the way. Disputes are the delegate's business.
for _, action in ipairs({ 'Claim-Refused', 'Verdict', 'Game-Moved', 'Debit-Notice' }) do
  Handlers.add('Worker.' .. action, action, function(msg)
    if msg.From ~= Worker.arbiter then return end
    print(action .. ': ' .. tostring(msg.Error or msg.Reason or msg.Game))
  end)
end

join()
