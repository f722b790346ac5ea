-- Matchers that are the same in Lua and in TypeScript: they run on the host, over what it keeps. A
-- function or a stand-in among the arguments cannot pass: the host asks what it says of a value, as
-- often as it needs to, and decides when it has asked everything.
local call = require('corral.call').call
local failure = require('corral.failure')
local handles = require('corral.handles')
local like = require('corral.like')
local show = require('corral.show')

local NAMES = {
  to_have_message = 'receipt',
  to_have_messages = 'receipt',
  to_fail_with = 'receipt',
  to_conserve = 'network',
  to_match_trace = 'receipt',
  to_replay = 'network',
}

-- A copy in which every function and stand-in is `{ ["$predicate"] = number, text = words }`.
local function liftPredicates(value, predicates)
  if type(value) == 'function' or like.isStandIn(value) then
    local isFunction = type(value) == 'function'
    predicates[#predicates + 1] = isFunction and value or value.accepts
    return { ['$predicate'] = #predicates, text = isFunction and 'a function' or tostring(value) }
  end
  if type(value) ~= 'table' then return value end
  local copy = {}
  for key, item in pairs(value) do copy[key] = liftPredicates(item, predicates) end
  return copy
end

local function answerAll(questions, predicates)
  local answers = {}
  for i, question in ipairs(questions) do
    answers[i] = not not predicates[question.predicate](question.value)
  end
  return answers
end

local function subjectOf(actual, kind, name)
  local held = handles.of(actual)
  if held then return held end
  failure.misuse(
    name .. ' needs ' .. (kind == 'network' and 'the network' or 'what network.send returned')
      .. ', got ' .. show(actual),
    kind == 'network' and 'Write expect(network).' .. name .. '(...).'
      or 'Write expect(network.send { ... }).' .. name .. '(...).'
  )
end

local function hostMatcher(name, kind)
  return function(actual, negated, ...)
    local subject = subjectOf(actual, kind, name)
    local predicates = {}
    local args = liftPredicates({ ... }, predicates)
    local verdict = call('match', name, subject, negated, args)
    while verdict.questions do
      verdict = call('match_answers', answerAll(verdict.questions, predicates))
    end
    if verdict.failure then failure.raise(verdict.failure) end
  end
end

local hostMatchers = {}
for name, kind in pairs(NAMES) do hostMatchers[name] = hostMatcher(name, kind) end

return hostMatchers
