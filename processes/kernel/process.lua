-- One message, start to end: prepares `msg`, refuses what is not trusted, runs the handlers in a
-- coroutine of their own, and turns what they left behind into the result.
local ao = require('.ao')
local boot = require('.boot')
local chance = require('.chance')
local console = require('.console')
local default = require('.default')
local envelope = require('.envelope')
local evaluate = require('.eval')
local json = require('json')
local trace = require('.trace')

local process = { _version = '2.0.4' }
console.version = process._version

-- Sending ----------------------------------------------------------------------------------------

local function encodeData(msg)
  msg.Data = json.encode(msg.Data)
  msg['Content-Type'] = 'application/json'
end

local send, spawn = ao.send, ao.spawn

-- As ao.lua has them, and a table as Data travels as JSON.
function ao.send(msg)
  if type(msg.Data) == 'table' then encodeData(msg) end
  return send(msg)
end

function ao.spawn(module, msg)
  if type(msg) == 'table' and type(msg.Data) == 'table' then encodeData(msg) end
  return spawn(module, msg)
end

function Send(msg)
  if not msg.Target then
    print('WARN: No target specified for message. Data will be stored, '
      .. 'but no process will receive it.')
  end
  local sent = ao.send(msg)
  return { output = 'Message added to outbox', receive = sent.receive, onReply = sent.onReply }
end

-- Spawn(module, msg), or Spawn(msg) for another process of this module.
function Spawn(module, msg)
  if type(module) == 'table' and msg == nil then
    module, msg = ao._module, module
  end
  local spawned = ao.spawn(module, msg)
  return { output = 'Spawn process request added to outbox', receive = spawned.receive }
end

function Assign(assignment)
  ao.assign(assignment)
  local text = 'Assignment added to outbox.'
  print(text)
  return text
end

function Receive(pattern)
  return Handlers.receive(pattern)
end

local function attachReply(msg)
  function msg.reply(replyMsg)
    replyMsg.Target = msg['Reply-To'] or replyMsg.Target or msg.From
    replyMsg['X-Reference'] = msg['X-Reference'] or msg.Reference
    replyMsg['X-Origin'] = msg['X-Origin']
    return ao.send(replyMsg)
  end

  function msg.forward(target, overrides)
    local forwarded = ao.sanitize(msg)
    forwarded.reply, forwarded.forward = nil, nil
    for name, value in pairs(overrides or {}) do
      forwarded[name] = value
    end
    forwarded.Target = target
    forwarded['Reply-To'] = msg['Reply-To'] or msg.From
    forwarded['X-Reference'] = msg['X-Reference'] or msg.Reference
    forwarded['X-Origin'] = msg['X-Origin'] or msg.From
    ao.send(forwarded)
  end
end

-- State ------------------------------------------------------------------------------------------

-- The time of the current message, in milliseconds, whatever is asked.
local now

local function messageTime()
  return now
end

function math.random(...)
  local count = select('#', ...)
  if count == 1 then return chance.integer(1, (...)) end
  if count == 2 then return chance.integer(...) end
  return chance.random()
end

local function seedFrom(msg)
  local sum = 0
  for _, id in ipairs({ msg.Owner or '', msg.Module or '', msg.Id or '' }) do
    for i = 1, #id do
      sum = sum + id:byte(i)
    end
  end
  return math.tointeger(tonumber(tostring(msg['Block-Height']) .. tostring(sum))) or sum
end

local function initializeState(msg, env)
  if not Seeded then
    chance.seed(seedFrom(msg))
    Seeded = true
  end
  Errors = Errors or {}
  Inbox = Inbox or {}
  if not Owner and msg.Id == env.Process.Id then
    Owner = env.Process.Tags['From-Process'] or msg.From
  end
  if not Name then Name = env.Process.Tags.Name or 'aos' end
end

-- Handlers ---------------------------------------------------------------------------------------

local function isEval(msg)
  return msg.Action == 'Eval' and Owner == msg.From
end

local function isBoot(msg)
  return msg.Tags.Type == 'Process' and Owner == msg.From
end

local function always()
  return true
end

-- The built-in handlers are put back at every message: removing them does not last.
local function registerBuiltIns(msg)
  Handlers.add('_eval', isEval, evaluate)
  if msg.Id == ao.id then Handlers.once('_boot', isBoot, boot) end
  Handlers.append('_default', always, default)
end

local function runHandlers(msg, env)
  return xpcall(Handlers.evaluate, trace.capture, msg, env)
end

local function forgetFinished()
  local waiting = {}
  for _, thread in ipairs(Handlers.coroutines) do
    if coroutine.status(thread) ~= 'dead' then waiting[#waiting + 1] = thread end
  end
  Handlers.coroutines = waiting
end

-- Results ----------------------------------------------------------------------------------------

local function output(text, isPrinted)
  return { data = text, prompt = Prompt(), print = isPrinted or nil }
end

local function refuse(notice, msg)
  local text = notice .. ' is not trusted! From: ' .. tostring(msg.From)
    .. ' - Owner: ' .. tostring(msg.Owner)
  return ao.result({ Output = output(text, true) })
end

-- Any error value as text; programs may throw tables.
local function errorText(value)
  if type(value) == 'string' or type(value) == 'number' then return value end
  if type(value) ~= 'table' then return tostring(value) end
  local metatable = getmetatable(value)
  if metatable and metatable.__tostring then return tostring(value) end
  local ok, text = pcall(json.encode, value)
  return ok and text or tostring(value)
end

local function failed(msg, failure)
  if msg.Action ~= 'Eval' then
    local about = msg.Action and ('with Action = ' .. tostring(msg.Action)) or ''
    print(Colors.red .. 'Error' .. Colors.gray .. ' handling message ' .. about .. Colors.reset)
    print(Colors.green .. failure .. Colors.reset)
    print('\n' .. Colors.gray .. 'stack traceback:\n' .. (trace.stack or '') .. Colors.reset)
  else
    table.insert(Errors, failure) -- for hosts that do not roll back
  end
  local text = console.text() .. '\n\n' .. Colors.red .. 'error:\n' .. Colors.reset .. failure
  return ao.result({ Error = text })
end

local function evaluateMessage(msg, env)
  registerBuiltIns(msg)
  attachReply(msg)
  forgetFinished()
  local thread = coroutine.create(runHandlers)
  local alive, ok, failure = coroutine.resume(thread, msg, env)
  local isSuspended = coroutine.status(thread) ~= 'dead'
  if isSuspended then table.insert(Handlers.coroutines, thread) end
  if not alive then return failed(msg, errorText(ok)) end
  if isSuspended and not ok then
    return failed(msg, 'coroutine.yield() outside of a coroutine of its own, without a true value')
  end
  if not ok then return failed(msg, errorText(failure)) end
  ao.Nonce = msg.Nonce
  return ao.result({ Output = output(console.text(), msg.Action ~= 'Eval') })
end

local function prepare(msg, env)
  ao.init(env)
  envelope.open(msg)
  ao.id = env.Process.Id
  envelope.indexTags(env.Process)
  initializeState(msg, env)
  HANDLER_PRINT_LOGS = {}
  now = msg.Timestamp
  os.time = messageTime
  envelope.indexTags(msg)
  envelope.decodeData(msg)
  ao.clearOutbox()
end

-- The result of a message: { Error } or { Output, Messages, Spawns, Assignments }. Raises on a
-- message that cannot be read.
function process.handle(msg, env)
  prepare(msg, env)
  if msg.From ~= msg.Owner and not ao.isTrusted(msg) then
    return refuse('Message', msg)
  end
  if ao.isAssignment(msg) and not ao.isAssignable(msg) then
    if msg.From ~= ao.id then
      ao.send({ Target = msg.From, Data = 'Assignment is not trusted by this process!' })
    end
    return refuse('Assignment', msg)
  end
  return evaluateMessage(msg, env)
end

return process
