-- Calls of the host that read like ordinary ones: the test's coroutine yields, the host does what
-- was asked (which may take a while, and many messages), and the coroutine goes on with the answer.
local host = require('corral.host')
local failure = require('corral.failure')
local where = require('corral.where')

-- The coroutine that may call, and the name of the `describe` whose body runs, if one does.
local state = { task = nil, describing = nil }

local function check(name)
  local what = 'network.' .. name
  if state.describing then
    failure.misuse(
      what .. ' is called in the body of describe("' .. state.describing .. '")',
      'Call it in before(function() ... end) or in a test.'
    )
  end
  if coroutine.running() ~= state.task then
    failure.misuse(
      what .. ' is called in a coroutine of its own',
      'Call it in the function of the test, and pass the answer in.'
    )
  end
  if not coroutine.isyieldable() then
    failure.misuse(
      what .. ' is called inside a function that Lua itself calls (table.sort, gsub, a metamethod)',
      'Call it before, and use the answer there.'
    )
  end
end

-- Does `name` on the host, at the network of this number: 0 is that of the test, others are forks.
-- A refusal is an error at the line that called.
local function call(at, name, ...)
  check(name)
  host.ask(at, name, ...)
  coroutine.yield()
  local problem, value = host.answer()
  if problem then
    problem.frames = where.frames(1)
    failure.raise(problem)
  end
  return value
end

return { call = call, state = state }
