--[[
  What the owner can set: by process tags at boot, by Set-Terms later. All or nothing. What is under
  way keeps the terms that it began with.
]]
local Read = require('arbiter.read')

local MOST_MS = 1000000000000
local MOST_DIGITS = 60 -- of a bond: a hundred of them, as in a percentage, fit a bint

local TERMS = { -- tag, field, default, reads a text or gives nil, what it must be
  { 'Claim-Bond', 'claimBond', '10000000000', 'quantity' }, -- winston, bound while a claim is open
  { 'Challenge-Bond', 'challengeBond', '10000000000', 'quantity' }, -- winston; see Games.nextBond
  { 'Window', 'windowMs', 600000, 'ms' }, -- in which a claim can be challenged
  { 'Clock', 'clockMs', 300000, 'ms' }, -- of each side of a game
  { 'Extension', 'extensionMs', 30000, 'ms' }, -- the least that a turn has
  { 'Claim-Grace', 'graceMs', 60000, 'ms' }, -- between an answer and its claim
  { 'Reward-Percent', 'rewardPercent', 50, 'percent' }, -- of a lost bond, to the winner
}

local READERS = {
  quantity = function(text) return Read.quantity(text, MOST_DIGITS) end,
  ms = function(text) return Read.whole(text, 1, MOST_MS) end,
  percent = function(text) return Read.whole(text, 0, 100) end,
}
local MUST_BE = {
  quantity = 'winston, above 0, in at most ' .. MOST_DIGITS .. ' digits',
  ms = 'milliseconds from 1 to ' .. MOST_MS,
  percent = 'a whole number from 0 to 100',
}

local Terms = {}

--- Sets the terms that `valueOf(tag)` has. Returns the reason when one is wrong.
function Terms.set(valueOf)
  local values = {}
  for _, term in ipairs(TERMS) do
    local tag, field, _, kind = table.unpack(term)
    local text = valueOf(tag)
    if text ~= nil then
      values[field] = READERS[kind](text)
      if not values[field] then return tag .. ' must be ' .. MUST_BE[kind] end
    end
  end
  for field, value in pairs(values) do Arbiter.terms[field] = value end
end

--- Terms that nobody has set yet.
function Terms.fill()
  for _, term in ipairs(TERMS) do
    local field, default = term[2], term[3]
    Arbiter.terms[field] = Arbiter.terms[field] or default
  end
end

return Terms
