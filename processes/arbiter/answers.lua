--[[
  The two halves of a claim: what a herder says that it asked and delivered (Answered), what a
  worker says that it computed (Claim). Each is checked by itself here; both together in claims.lua.
]]
local Layout = require('shared.layout')
local Read = require('arbiter.read')
local Regions = require('arbiter.regions')
local hex = require('arbiter.hex')
local merkle = require('arbiter.merkle')
local sha256 = require('arbiter.sha256')

local MAX_CLAIM_BYTES, MAX_ANSWERED_BYTES = 1 << 20, 1 << 19
local MAX_TRANSITIONS = 4096 -- their root takes a fifth of a message's instructions
local MAX_TERMINATION_BYTES = 256
local MAX_TOKENS = 1 << 20
local MAX_TEXT_BYTES = 32512 -- the answer region holds no more
local DONE = 2 -- status of an answer

local Answers = {}

--- The answer region at the end, out of what a Claim shows. Returns its root, or nil and the
--- reason.
local function lastRoot(data, model)
  local random, pending = hex.decode(data.random, 8), hex.decode(data.pending)
  if not random or not pending then return nil, 'random or pending is not hexadecimal' end
  return Regions.answerRoot({
    status = DONE, stopReason = data.stopReason, stopIndex = data.stopIndex,
    promptTokens = data.promptTokens, tokens = data.tokens, text = data.answer,
    random = string.unpack('<i8', random), pending = pending, ids = data.ids,
  }, model.program.bounds)
end

--- Reads a Claim: a trace from a fresh answer to the one that it shows. Returns the worker's half,
--- or nil and the reason.
function Answers.readClaim(msg)
  local tags = msg.Tags
  local model, stateRoot = Arbiter.models[Read.modelId(tags) or ''], Read.hash(tags['State-Root'])
  if not model then return nil, 'Model-ID is not a registered model' end
  if not stateRoot then return nil, 'State-Root is not 64 hexadecimal digits' end
  local data = Read.object(msg.Data, MAX_CLAIM_BYTES)
  if not data then return nil, 'Data must be JSON of at most ' .. MAX_CLAIM_BYTES .. ' bytes' end
  local leaves = Read.hashes(data.leaves, 2, MAX_TRANSITIONS + 1)
  if not leaves then return nil, 'leaves must be 2 to ' .. MAX_TRANSITIONS + 1 .. ' hashes' end
  if leaves[1] ~= model.freshAnswerRoot then return nil, 'Leaf 0 is not a fresh answer' end
  local last, reason = lastRoot(data, model)
  if not last then return nil, 'The answer cannot be: ' .. reason end
  if leaves[#leaves] ~= last then return nil, 'The last leaf is not the answer shown' end
  return {
    model = model, stateRoot = stateRoot, messageId = msg.Id, n = #leaves - 1,
    -- The text itself comes with the other half: this one may have to wait.
    traceRoot = merkle.listRoot(leaves), answerHash = sha256(data.answer), tokens = data.tokens,
    promptTokens = data.promptTokens, stopReason = data.stopReason, stopIndex = data.stopIndex,
  }
end

--- A number as the model's input holds it, a float of 32 bits and never -0: so it is shown with all
--- of its digits, and who reads it computes with the same one.
local function readSingle(text)
  local number = tonumber(text)
  return number and (string.unpack('<f', string.pack('<f', number + 0.0)))
end

--- Sampling parameters of an Answered: greedy unless it says otherwise.
local function readSampling(tags)
  local temperature, topP = readSingle(tags.Temperature or '0'), readSingle(tags['Top-P'] or '1')
  local seed = Read.whole(tags.Seed or '0', 0, math.maxinteger)
  if not temperature or not topP or not seed then
    return nil, 'Temperature, Top-P or Seed is not a number'
  end
  return { temperature = temperature, topP = topP, seed = seed }
end

--- Reads an Answered: lays the prompt out as the worker has to, and commits to the job. Returns the
--- herder's half, or nil and the reason.
function Answers.readAnswered(msg)
  local tags = msg.Tags
  local model, stateRoot = Arbiter.models[Read.modelId(tags) or ''], Read.hash(tags['State-Root'])
  if not model then return nil, 'Model-ID is not a registered model' end
  if not stateRoot then return nil, 'State-Root is not 64 hexadecimal digits' end
  local maxTokens, termination = Read.whole(tags.Tokens, 1, MAX_TOKENS), tags.Termination
  if not maxTokens then return nil, 'Tokens must be a whole number from 1 to ' .. MAX_TOKENS end
  if termination and (termination == '' or #termination > MAX_TERMINATION_BYTES) then
    return nil, 'Termination must have 1 to ' .. MAX_TERMINATION_BYTES .. ' bytes'
  end
  local job, reason = readSampling(tags)
  if not job then return nil, reason end
  local data = Read.object(msg.Data, MAX_ANSWERED_BYTES)
  if not data or type(data.prompt) ~= 'string' or type(data.answer) ~= 'string' then
    return nil, 'Data must be JSON of a prompt and an answer, at most ' .. MAX_ANSWERED_BYTES
      .. ' bytes'
  end
  if #data.answer > MAX_TEXT_BYTES then return nil, 'The answer is longer than any model gives' end
  job.prompt = Layout.layOut(data.prompt, model.template, model.roles)
  job.maxTokens, job.stops = maxTokens, Layout.stops(termination, model.roles)
  job.trim = Layout.isTurn(job.prompt)
  job.inputRoot, reason = Regions.inputRoot(job)
  if not job.inputRoot then return nil, reason end
  return { model = model, stateRoot = stateRoot, answer = data.answer, job = job }
end

return Answers
