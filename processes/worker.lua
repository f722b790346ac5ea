--[[
  A llama worker: computes answers for one herder with the model that its tags name.

  Process tags: Model-ID (data item of a GGUF model), Router-ID (the herder), and optionally
  Prompt-Template, in which {prompt} stands for a prompt that has no chat roles of its own.
  At boot it loads /data/<Model-ID> and registers with its herder. Every job ends in one message:
  Inference-Response, or Inference-Error with the reason. Nothing but silence means a crash.

  Source: the llama-herder worker (permaweb/llama-herder ca36c6d, src/worker.lua). Divergence: ends
  when the model does (upstream fails on the nil of `next`), honours Termination, reports failures,
  names the job that it answers, puts bare prompts into chat roles.
]]

-- A piece of text that begins another chat role ends the answer.
local ROLES = { '<|system|>', '<|user|>', '<|assistant|>', '<|end|>' }

-- A reason has to fit a tag, or the herder would hear nothing.
local MAX_REASON_BYTES = 500

--- Value of a tag of this process, whatever case and dashes its name was written with.
local function processTag(name)
  local wanted = name:lower():gsub('[-_]', '')
  for key, value in pairs(ao.env.Process.Tags) do
    if key:lower():gsub('[-_]', '') == wanted then return value end
  end
end

Worker = Worker or {
  model = processTag('Model-ID') or 'ISrbGzQot05rs_HKC08O_SmkipYQnqgB1yC3mjZZeEo',
  herder = processTag('Router-ID') or 'wh5vB2IbqmIBUqgodOaTvByNFDPr73gbUq1bVOUtCrw',
  template = processTag('Prompt-Template') or '<|user|>\n{prompt}\n<|assistant|>\n',
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

--- The text that the model sees. A prompt that sets its own roles is left as it is.
local function layOut(prompt)
  for _, role in ipairs(ROLES) do
    if prompt:find(role, 1, true) then return prompt end
  end
  return (Worker.template:gsub('{prompt}', function() return prompt end))
end

--- Position of the first stop text at or after `from`, or nil.
local function findStop(text, from, stops)
  local first, which
  for _, stop in ipairs(stops) do
    local at = text:find(stop, from, true)
    if at and (not first or at < first) then first, which = at, stop end
  end
  return first, which
end

--- Generates up to `count` tokens. Returns the text, the tokens computed, and why it ended:
--- 'length', 'end' (the model's own), or 'termination' (the caller's stop text; cut off).
local function generate(llama, count, termination)
  local stops = { table.unpack(ROLES) }
  if termination then table.insert(stops, 1, termination) end
  local longest = 0
  for _, stop in ipairs(stops) do longest = math.max(longest, #stop) end

  local text = ''
  for produced = 1, count do
    local piece = llama.next()
    if piece == nil then return text, produced - 1, 'end' end
    local from = math.max(1, #text - longest + 2) -- a stop text may begin in an earlier piece
    text = text .. piece
    local at, which = findStop(text, from, stops)
    if at then
      return text:sub(1, at - 1), produced, which == termination and 'termination' or 'end'
    end
  end
  return text, count, 'length'
end

--- Tells the herder that a job failed. Fault: Request when another worker would fail at it, too.
local function reportError(msg, reason, fault)
  print(Colors.red .. 'Inference failed: ' .. Colors.reset .. reason)
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

  local prompt = layOut(msg.Data)
  local accepted, refusal = pcall(llama.setPrompt, prompt)
  if not accepted then return reportError(msg, tostring(refusal), 'Request') end

  local ok, text, produced, reason = pcall(generate, llama, count, msg.Termination)
  if not ok then
    Worker.engine = nil
    reportError(msg, tostring(text), 'Worker')
    return join()
  end
  -- A chat turn begins where its text does; a completion goes on where the prompt broke off.
  if prompt:match('<|assistant|>%s*$') then text = text:gsub('^%s+', '') end
  msg.reply({
    Action = 'Inference-Response',
    ['Job-Id'] = msg['Job-Id'],
    Tokens = tostring(produced),
    ['Stop-Reason'] = reason,
    Data = text,
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

join()
