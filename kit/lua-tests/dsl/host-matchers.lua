-- Matchers that are the same in Lua and in TypeScript: they run on the host, over what it keeps. A
-- function or a stand-in among the arguments cannot pass: the host asks what it says of a value, as
-- often as it needs to, and decides when it has asked everything.
local call = require('corral.call').call
local failure = require('corral.failure')
local handles = require('corral.handles')
local like = require('corral.like')
local show = require('corral.show')

local function functionLabel(body)
  return 'the function at line ' .. debug.getinfo(body, 'S').linedefined
end

-- A copy in which every function and stand-in is `{ ["$predicate"] = number, text = words }`.
local function liftPredicates(value, predicates)
  if like.isAbsent(value) then return { ['$absent'] = true } end
  if type(value) == 'function' or like.isStandIn(value) then
    local isFunction = type(value) == 'function'
    predicates[#predicates + 1] = isFunction and value or value.accepts
    local text = isFunction and functionLabel(value) or tostring(value)
    return { ['$predicate'] = #predicates, text = text }
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

local function held(actual, name)
  local value = handles.of(actual)
  if value then return value end
  failure.misuse(
    name .. ' needs what network.send or network.dry_run returned, or the network; got '
      .. show(actual),
    'Write expect(network.send { ... }).' .. name .. '(...).'
  )
end

local function settle(verdict)
  if verdict.failure then failure.raise(verdict.failure) end
end

local function messageMatcher(name)
  return function(actual, negated, ...)
    local subject, predicates = held(actual, name), {}
    local verdict = call('match', name, subject, negated, liftPredicates({ ... }, predicates))
    while verdict.questions do
      verdict = call('match_answers', answerAll(verdict.questions, predicates))
    end
    settle(verdict)
  end
end

local hostMatchers = {
  to_have_message = messageMatcher('to_have_message'),
  to_have_messages = messageMatcher('to_have_messages'),
  to_fail_with = messageMatcher('to_fail_with'),
}

local function needsNetwork(actual, name)
  local value = handles.of(actual)
  if value and value.kind == 'network' then return end
  failure.misuse(name .. ' is said of the network', 'Write expect(network).' .. name .. '(...).')
end

-- `to_conserve(body)` is about wAR; `to_conserve(token, body)` about the balances of a process.
function hostMatchers.to_conserve(actual, negated, process, body)
  needsNetwork(actual, 'to_conserve')
  if body == nil then process, body = nil, process end
  if type(body) ~= 'function' then
    failure.misuse(
      'to_conserve takes a function that does what must conserve',
      'Write expect(network).to_conserve(token, function() ... end); without a token it is wAR.'
    )
  end
  local before = call('measure', process)
  body()
  settle(call('conserved', before, negated))
end

-- Of all processes, or of one.
function hostMatchers.to_replay(actual, negated, process)
  needsNetwork(actual, 'to_replay')
  settle(call('replayed', process, negated))
end

return hostMatchers
