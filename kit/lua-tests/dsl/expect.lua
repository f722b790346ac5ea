-- `expect(value).to_equal(...)`: matchers of plain values are Lua (matchers.lua); those of receipts
-- and of the network are the same as in TypeScript and run on the host. `not_` before a matcher's
-- name turns it round.
local failure = require('corral.failure')
local hostMatchers = require('corral.host-matchers')
local like = require('corral.like')
local matchers = require('corral.matchers')
local show = require('corral.show')

local function unknown(name)
  local names = {}
  for known in pairs(matchers) do names[#names + 1] = known end
  for known in pairs(hostMatchers) do names[#names + 1] = known end
  table.sort(names)
  failure.misuse(
    'expect has no ' .. tostring(name),
    'There are: ' .. table.concat(names, ', ') .. '; each with not_ before it.'
  )
end

local function checkPlain(matcher, actual, negated, ...)
  local passed, text, both = matcher(actual, ...)
  if passed ~= negated then return end
  local fields = not negated and both or {}
  fields.text = 'expected ' .. show(actual) .. ' ' .. (negated and 'not ' or '') .. text
  if fields.actual then fields.text = 'expected one value, got another' end
  failure.raise(fields)
end

-- The function that `expect(actual).<name>` is.
local function assertion(expectation, name)
  local actual = rawget(expectation, 1)
  local negated = name:sub(1, 4) == 'not_'
  local plainName = negated and name:sub(5) or name
  local onHost, plain = hostMatchers[plainName], matchers[plainName]
  if not onHost and not plain then unknown(name) end
  return function(...)
    if rawequal((...), expectation) then
      failure.misuse('expect(...):' .. name .. ' is called with a colon', 'Write a dot before it.')
    end
    if onHost then onHost(actual, negated, ...) else checkPlain(plain, actual, negated, ...) end
  end
end

local Expectation = { __index = assertion }

local expect = {}

setmetatable(expect, {
  __call = function(_, actual) return setmetatable({ actual }, Expectation) end,
})

for name, make in pairs(like.standIns) do expect[name] = make end

return expect
