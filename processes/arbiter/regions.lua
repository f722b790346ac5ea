-- The two regions of memory that the arbiter rebuilds by itself: the job and what came of it. What
-- does not fit the layout, or is of the wrong type, gives nil and the reason.
local merkle = require('arbiter.merkle')

local INPUT_BYTES, STOPS_AT, PROMPT_AT = 0x10000, 64, 0x1000
local MAX_STOPS = 8
local MAX_TEMPERATURE = 0x1.fffffep127 -- the largest f32
local FLAG_TRIM = 1
local TEXT_AT, IDS_AT = 0x100, 0x8000

local function isCount(value)
  return math.type(value) == 'integer' and value >= 0 and value <= 0xFFFFFFFF
end

local function isBetween(value, least, most)
  return math.type(value) and value >= least and value <= most
end

local function areCounts(values, names)
  for name in names:gmatch('%a+') do
    if not isCount(values[name]) then return false, name .. ' is not a count' end
  end
  return true
end

local regions = {}

local function encodeStops(stops)
  if type(stops) ~= 'table' or #stops > MAX_STOPS then return nil, 'too many stop texts' end
  local parts, size = {}, 0
  for i, stop in ipairs(stops) do
    if type(stop) ~= 'string' or stop == '' then return nil, 'a stop text is empty or no text' end
    size = size + 2 + #stop
    if size > PROMPT_AT - STOPS_AT then return nil, 'the stop texts are too long' end
    parts[i] = string.pack('<s2', stop)
  end
  return table.concat(parts)
end

--- Root of the input region of a job: { prompt = bytes, maxTokens, temperature, topP = numbers,
--- seed = 64-bit integer, stops = array of bytes, trim = boolean }. All but the first two have a
--- default: 0, 1, 0, none, false.
function regions.inputRoot(job)
  local prompt, seed = job.prompt, job.seed or 0
  local temperature, topP = job.temperature or 0, job.topP or 1
  if type(prompt) ~= 'string' or #prompt > INPUT_BYTES - PROMPT_AT then
    return nil, 'the prompt is no text or too long'
  end
  if not isCount(job.maxTokens) then return nil, 'maxTokens is not a count' end
  if math.type(seed) ~= 'integer' then return nil, 'seed is not an integer' end
  if not isBetween(temperature, 0, MAX_TEMPERATURE) then
    return nil, 'temperature is not a number of 0 or above'
  end
  if not isBetween(topP, 0, 1) or topP == 0 then
    return nil, 'topP is not a number above 0 and at most 1'
  end
  local stops, reason = encodeStops(job.stops or {})
  if not stops then return nil, reason end
  local header = string.pack('<I4I4ffi8I4I4', #prompt, job.maxTokens, temperature, topP, seed,
    job.trim and FLAG_TRIM or 0, #(job.stops or {}))
  header = header .. ('\0'):rep(STOPS_AT - #header) .. stops
  return merkle.regionRoot(INPUT_BYTES, { { 0, header }, { PROMPT_AT, prompt } })
end

--- Root of the answer region at a token boundary: { status, stopReason, stopIndex, promptTokens,
--- tokens = counts, text = bytes, random = 64-bit integer, pending = at most 4 bytes, ids = array
--- of token ids }.
function regions.answerRoot(answer, bounds)
  local ok, reason = areCounts(answer, 'status stopReason stopIndex promptTokens tokens')
  if not ok then return nil, reason end
  local text, pending, ids = answer.text, answer.pending, answer.ids
  if type(text) ~= 'string' or #text > IDS_AT - TEXT_AT then
    return nil, 'the text is no text or too long'
  end
  if type(pending) ~= 'string' or #pending > 4 then return nil, 'pending is not 0 to 4 bytes' end
  if math.type(answer.random) ~= 'integer' then return nil, 'random is not an integer' end
  local size = bounds.vocabulary - bounds.answer
  if type(ids) ~= 'table' or IDS_AT + 4 * #ids > size then
    return nil, 'ids is no list or too long'
  end
  local parts = {}
  for i = 1, #ids do
    if not isCount(ids[i]) then return nil, 'a token id is not a count' end
    parts[i] = string.pack('<I4', ids[i])
  end
  local header = string.pack('<I4I4I4I4I4I4i8I4', answer.status, answer.stopReason,
    answer.stopIndex, answer.promptTokens, answer.tokens, #text, answer.random, #pending) .. pending
  return merkle.regionRoot(size,
    { { 0, header }, { TEXT_AT, text }, { IDS_AT, table.concat(parts) } })
end

--- Roots of the answer region before a job's first step and of a work region all zero.
function regions.freshAnswerRoot(bounds)
  return merkle.regionRoot(bounds.vocabulary - bounds.answer, {})
end

function regions.zeroWorkRoot(bounds)
  return merkle.regionRoot(bounds['end'] - bounds.work, {})
end

return regions
