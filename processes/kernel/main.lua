-- The entry: boots the kernel and defines the global `handle(message, environment)`, JSON in and
-- JSON out, as { ok, response[, handler, prints, trace] }: what is beside the response is for the
-- host. With ok=false the response is the text of an error.
require('.dialect')
local json = require('json')
local trace = require('.trace')

require('.crypto.init') -- must be loaded: consoles take a process without it for one of an older kind
ao = require('.ao')
Handlers = require('.handlers')
Utils = require('.utils')
Dump = require('.dump')
require('.process')

local environmentText, environment

-- Environments hardly ever change: decoded again only when the text does.
local function decodeEnvironment(text)
  if text ~= environmentText then
    environment = json.decode(text)
    environmentText = text
  end
  return environment
end

local function encode(response, messageId)
  return json.encode({
    ok = true,
    response = response,
    handler = trace.ran,
    prints = trace.prints,
    trace = trace.report(response.Error, messageId),
  })
end

local function evaluate(messageText, envText)
  local msg = json.decode(messageText)
  local id = msg.Id
  -- Asked for by name each time, so that a program may replace the kernel's own modules.
  local response = require('.process').handle(msg, decodeEnvironment(envText))
  local ok, reply = pcall(encode, response, id)
  if ok then return reply end
  return encode({ Error = 'the result cannot be written as JSON: ' .. tostring(reply) }, id)
end

function handle(messageText, envText)
  trace.reset()
  local ok, reply = pcall(evaluate, messageText, envText)
  if ok then return reply end
  return json.encode({ ok = false, response = tostring(reply) })
end
