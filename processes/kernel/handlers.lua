-- The list of handlers and the walk along it that answers a message. A handler is { name, pattern,
-- handle, maxRuns }; the walk is by index over the live list, because handlers may add and remove
-- handlers (themselves too) while it runs.
local utils = require('.utils')
local trace = require('.trace')

local matchesSpec = utils.matchesSpec -- as it is unless a program replaces it

local handlers = {
  _version = '0.0.5',
  list = {},
  coroutines = {},
  onceNonce = 0,
  utils = require('.handlers-utils'),
}

local USAGE = 'Invalid arguments given. Expected: \n'
  .. '\tname : string, pattern : function | table | string, handle : function | table'
  .. ', maxRuns : number | "inf" | nil\n'
  .. '\tor: action : string, handle : function | table'

local function findIndex(name)
  local list = handlers.list
  for i = 1, #list do
    if list[i].name == name then return i end
  end
end

-- A function that runs `spec` on a message: itself, or the first entry of a { [spec] = fn } table
-- whose key matches.
function handlers.generateResolver(spec)
  if type(spec) == 'function' then
    return function(msg)
      return spec(msg)
    end
  end
  return function(msg)
    for key, handle in pairs(spec) do
      local verdict = utils.matchesSpec(msg, key)
      if verdict and verdict ~= 0 and verdict ~= 'skip' then return handle(msg) end
    end
  end
end

-- The handler that the arguments of add, append and prepend describe.
local function describe(count, name, pattern, handle, maxRuns)
  if count == 2 then
    pattern, handle = name, pattern
  end
  local kind = type(pattern)
  if type(name) ~= 'string' or (kind ~= 'function' and kind ~= 'table' and kind ~= 'string') then
    error(USAGE)
  end
  local resolver = handlers.generateResolver(handle)
  return { name = name, pattern = pattern, handle = resolver, maxRuns = maxRuns }
end

-- Replaces the handler of that name where it stands, or inserts at `place`.
local function put(handler, place)
  local index = findIndex(handler.name)
  if not index then
    table.insert(handlers.list, place, handler)
    return
  end
  local current = handlers.list[index]
  current.pattern, current.handle = handler.pattern, handler.handle
  current.maxRuns = handler.maxRuns
end

-- add(name, pattern, handle[, maxRuns]) or add(action, handle); the number of handlers.
function handlers.add(...)
  put(describe(select('#', ...), ...), #handlers.list + 1)
  return #handlers.list
end

function handlers.append(...)
  put(describe(select('#', ...), ...), #handlers.list + 1)
end

function handlers.prepend(...)
  put(describe(select('#', ...), ...), 1)
end

-- once(name, pattern, handle) or once(pattern, handle): in front of all, and for one run.
function handlers.once(...)
  local name, pattern, handle = ...
  if select('#', ...) == 2 then
    pattern, handle = name, pattern
    name = '_once_' .. handlers.onceNonce
    handlers.onceNonce = handlers.onceNonce + 1
  end
  handlers.prepend(name, pattern, handle, 1)
end

-- The place is fixed now, not when `add` is called; an unknown anchor adds nothing.
local function placing(name, offset)
  if type(name) ~= 'string' then error('Handler name MUST be a string') end
  local index = findIndex(name)
  return {
    add = function(...)
      local handler = describe(math.max(3, select('#', ...)), ...)
      if index then
        local place = math.min(index + offset, #handlers.list + 1)
        table.insert(handlers.list, place, handler)
      end
    end,
  }
end

function handlers.before(name)
  return placing(name, 0)
end

function handlers.after(name)
  return placing(name, 1)
end

function handlers.remove(name)
  if type(name) ~= 'string' then error('name MUST be string') end
  local index = findIndex(name)
  if index then table.remove(handlers.list, index) end
end

local function wake(suspended, msg)
  local alive, ok, result = coroutine.resume(suspended, msg)
  if not alive then error(ok) end
  if ok then return end
  if result == nil then
    error('the coroutine that received this message ended without a true value')
  end
  error(result)
end

-- Suspends the caller until a message matches; returns that message.
function handlers.receive(pattern)
  local suspended, handler = coroutine.running(), trace.handler
  handlers.once(pattern, function(msg)
    wake(suspended, msg)
  end)
  local msg = coroutine.yield(pattern)
  trace.handler = handler
  return msg
end

local VERDICTS = { [true] = -1, [false] = 0, ['break'] = -1, ['continue'] = 1 }

-- Negative: run and stop; positive: run and go on; 0: not for this handler.
local function verdictOf(msg, pattern)
  local answer = utils.matchesSpec(msg, pattern)
  local kind = type(answer)
  if kind == 'number' then return answer end
  if kind ~= 'string' and kind ~= 'boolean' then
    error('Pattern result is not valid, it MUST be string, number, or boolean')
  end
  return VERDICTS[answer] or 0
end

local function run(handler, msg)
  local ok, err = xpcall(handler.handle, trace.capture, msg)
  if not ok then error(err) end
end

local function spend(handler)
  if handler.maxRuns == nil or handler.maxRuns == 'inf' then return end
  handler.maxRuns = handler.maxRuns - 1
  if handler.maxRuns == 0 then handlers.remove(handler.name) end
end

-- Runs the list on a message; `_default` last, unless a handler stopped the walk. True when one
-- did.
function handlers.evaluate(msg, env)
  assert(type(msg) == 'table', 'msg is not valid')
  assert(type(env) == 'table', 'env is not valid')
  local isUsual = utils.matchesSpec == matchesSpec
  local list, i = handlers.list, 1
  local handler = list[1]
  while handler do
    -- Most patterns are another Action, which takes no look at the message.
    local pattern = handler.pattern
    local isOther = pattern ~= msg.Action and isUsual and type(pattern) == 'string'
    if not isOther and handler.name ~= '_default' then
      trace.handler = handler.name
      local verdict = verdictOf(msg, handler.pattern)
      if verdict ~= 0 then
        trace.enter(handler.name)
        run(handler, msg)
        spend(handler)
        if verdict < 0 then return true end
      end
    end
    i = i + 1
    handler = list[i]
  end
  local default = findIndex('_default')
  if default then
    trace.enter('_default')
    handlers.list[default].handle(msg, env)
  end
  return false
end

return handlers
