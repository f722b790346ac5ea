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

local MESSAGES = { receipt = true, delivery = true, result = true, network = true }

local function held(actual, name)
  local value = handles.of(actual)
  if value and MESSAGES[value.kind] then return value end
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
    local verdict = call(subject.at, 'match', name, subject, negated, liftPredicates({ ... }, predicates))
    while verdict.questions do
      verdict = call(subject.at, 'match_answers', answerAll(verdict.questions, predicates))
    end
    settle(verdict)
  end
end

local hostMatchers = {
  to_have_message = messageMatcher('to_have_message'),
  to_have_messages = messageMatcher('to_have_messages'),
  to_fail_with = messageMatcher('to_fail_with'),
}

-- What is measured, and at which network: wAR there, the balances of a process, or
-- `{ name = "apples", read = function }`, which returns a sum or what each holder has.
local function measure(quantity)
  local value = handles.of(quantity)
  if value and value.kind == 'network' then return call(value.at, 'measure'), value.at end
  local isOwn = type(quantity) == 'table' and not value
  if isOwn and type(quantity.read) == 'function' then
    return call(0, 'note_measured', quantity.name or 'the quantity', quantity.read()), 0
  end
  local at = value and value.at or 0
  return call(at, 'measure', quantity), at
end

-- What a function does, measured before and after.
function hostMatchers.to_conserve(actual, negated, quantity)
  if type(actual) ~= 'function' then
    failure.misuse(
      'to_conserve is said of a function that does something',
      'Write expect(function() ... end).to_conserve(token); without a token it is wAR.'
    )
  end
  local before, at = measure(quantity)
  actual()
  settle(call(at, 'conserved', before, (measure(quantity)), negated))
end

-- Of all processes, or of one.
function hostMatchers.to_replay(actual, negated)
  local value = handles.of(actual)
  local isNetwork, isProcess = value and value.kind == 'network', value and value.kind == 'process'
  if not isNetwork and not isProcess then
    failure.misuse(
      'to_replay is said of the network or of a process, got ' .. show(actual),
      'Write expect(network).to_replay().'
    )
  end
  settle(call(value.at, 'replayed', isProcess and actual.id or nil, negated))
end

function hostMatchers.to_match_trace(actual, negated, ...)
  if negated then failure.misuse('there is no not_to_match_trace', 'Say what the trace is.') end
  local subject = held(actual, 'to_match_trace')
  settle(call(subject.at, 'match_trace', subject, ...))
end

return hostMatchers
