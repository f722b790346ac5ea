-- Pricing and the queue (the same rules in TypeScript: pricing/).
local bint = require('.bint')(256)
local Terms = require('herder.terms')

-- A fee stays below 2^53 (see TERMS) and a payment below 10^60, so that their product, by which
-- offers are compared exactly, stays below the 2^255 of a bint.
local MAX_PAYMENT_DIGITS = 60
local MAX_TERMINATION_BYTES = 256

local Pricing = {}

--- Words of ASCII letters and digits. The herder counts words, not tokens: it has no tokenizer.
function Pricing.countWords(prompt)
  local _, count = prompt:gsub('%w+', '')
  return count
end

--- Fee of a request in winston.
function Pricing.calculateFee(prompt, tokens)
  return Herder.feeBase + (Pricing.countWords(prompt) + tokens) * Herder.feeToken
end

--- Judges what a payment asks for. Returns a request, or nil, the reason to refund, and the fee.
function Pricing.judgeOffer(offer)
  local prompt, termination = offer['X-Prompt'], offer['X-Termination']
  if type(prompt) ~= 'string' or prompt == '' then return nil, 'X-Prompt is missing' end
  if #prompt > Herder.maxPromptBytes then
    return nil, 'X-Prompt is longer than ' .. Herder.maxPromptBytes .. ' bytes'
  end
  local tokens = Terms.readWhole(offer['X-Tokens'], 1, Herder.maxTokens)
  if not tokens then
    return nil, 'X-Tokens must be a whole number from 1 to ' .. Herder.maxTokens
  end
  if termination and #termination > MAX_TERMINATION_BYTES then
    return nil, 'X-Termination is longer than ' .. MAX_TERMINATION_BYTES .. ' bytes'
  end
  if #offer.Quantity > MAX_PAYMENT_DIGITS then
    return nil, 'Quantity has more than ' .. MAX_PAYMENT_DIGITS .. ' digits'
  end
  local fee = Pricing.calculateFee(prompt, tokens)
  if bint(offer.Quantity) < fee then return nil, 'Insufficient payment', fee end
  return {
    prompt = prompt, tokens = tokens, length = Pricing.countWords(prompt) + tokens,
    termination = termination ~= '' and termination or nil,
    fee = fee, paid = offer.Quantity,
    multiplier = tonumber(offer.Quantity) / fee, -- shown only; offers are compared without floats
  }
end

--- Whether request `a` is served before request `b`: higher multiplier, then earlier arrival.
local function isBefore(a, b)
  local left, right = bint(a.paid) * b.fee, bint(b.paid) * a.fee
  if bint.eq(left, right) then return a.id < b.id end
  return right < left
end

--- Puts a request into the queue. Requests queued again keep their place by their old number.
function Pricing.enqueue(request)
  local first, last = 1, #Herder.queue + 1
  while first < last do
    local middle = (first + last) // 2
    if isBefore(request, Herder.queue[middle]) then last = middle else first = middle + 1 end
  end
  table.insert(Herder.queue, first, request)
end

return Pricing
