-- Matchers of plain values, named as vitest names them. Each gets what was expected to match and
-- the arguments, and returns whether it does, the words after `expected X `, and, where two long
-- values differ, both of them for the host to compare line by line.
local failure = require('corral.failure')
local like = require('corral.like')
local show = require('corral.show')

local matchers = {}

local SHORT = 40

-- Both as texts, when they are too long to be compared in one line.
local function compared(actual, expected)
  local shown, wanted = show(actual), show(expected)
  if #shown <= SHORT and #wanted <= SHORT and not (shown .. wanted):find('\n') then return nil end
  return { actual = shown, expected = wanted }
end

local function needs(kind, name, value)
  if type(value) == kind then return end
  local text = name .. ' needs a ' .. kind .. ', got ' .. show(value)
  failure.misuse(text, 'Look at what it is given.')
end

function matchers.to_equal(actual, expected)
  return like.equal(actual, expected), 'to equal ' .. show(expected), compared(actual, expected)
end

function matchers.to_be(actual, expected)
  local text = 'to be ' .. show(expected)
  if not rawequal(actual, expected) and like.equal(actual, expected) then
    text = text .. ', the same one (they are equal: to_equal compares what is in them)'
  end
  return rawequal(actual, expected), text
end

function matchers.to_be_nil(actual)
  return actual == nil, 'to be nil'
end

function matchers.to_be_truthy(actual)
  return not not actual, 'to be truthy'
end

function matchers.to_be_falsy(actual)
  return not actual, 'to be falsy'
end

function matchers.to_be_type_of(actual, kind)
  return type(actual) == kind, 'to be a ' .. tostring(kind) .. ', it is a ' .. type(actual)
end

-- A Lua pattern.
function matchers.to_match(actual, pattern)
  needs('string', 'the pattern of to_match', pattern)
  return type(actual) == 'string' and actual:find(pattern) ~= nil, 'to match ' .. show(pattern)
end

local function hasItem(list, item)
  for _, value in pairs(list) do
    if like.equal(value, item) then return true end
  end
  return false
end

-- A text in a text, or a value in a table.
function matchers.to_contain(actual, part)
  local text = 'to contain ' .. show(part)
  if type(actual) == 'string' then
    return type(part) == 'string' and actual:find(part, 1, true) ~= nil, text
  end
  needs('table', 'what to_contain looks into', actual)
  return hasItem(actual, part), text
end

function matchers.to_have_length(actual, length)
  if type(actual) ~= 'string' then needs('table', 'what to_have_length measures', actual) end
  return #actual == length, 'to have length ' .. show(length) .. ', it is ' .. #actual
end

local function comparison(words, compare)
  return function(actual, limit)
    needs('number', 'what is compared', actual)
    needs('number', 'what it is compared with', limit)
    return compare(actual, limit), 'to be ' .. words .. ' ' .. show(limit)
  end
end

matchers.to_be_greater_than = comparison('greater than', function(a, b) return a > b end)
matchers.to_be_greater_than_or_equal = comparison('at least', function(a, b) return a >= b end)
matchers.to_be_less_than = comparison('less than', function(a, b) return a < b end)
matchers.to_be_less_than_or_equal = comparison('at most', function(a, b) return a <= b end)

-- Within half of the last of so many decimals.
function matchers.to_be_close_to(actual, expected, decimals)
  needs('number', 'what is compared', actual)
  needs('number', 'what it is compared with', expected)
  local within = 10 ^ -(decimals or 2) / 2
  local text = 'to be within ' .. show(within) .. ' of ' .. show(expected)
  return math.abs(actual - expected) < within, text
end

-- A function that raises an error, whose text matches the Lua pattern if one is given.
function matchers.to_throw(actual, pattern)
  needs('function', 'what to_throw calls', actual)
  local ok, reason = xpcall(actual, failure.capture)
  local text = 'to throw' .. (pattern and ' ' .. show(pattern) or '')
  if ok then return false, text .. ', but it returned' end
  if not pattern then return true, text .. ', but it threw ' .. show(reason.text) end
  local fits = reason.text:find(pattern, 1, true) ~= nil or reason.text:find(pattern) ~= nil
  return fits, text .. ', but it threw ' .. show(reason.text)
end

return matchers
