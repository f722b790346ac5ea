-- The network as a test sees it, and its forks: the names of the TypeScript network in snake_case.
local call = require('corral.call').call
local failure = require('corral.failure')
local handles = require('corral.handles')
local values = require('corral.values')

-- Calls by name, and what makes of their answers what the test sees; true leaves them as they are.
local CALLS = {
  save = true,
  wallet = values.wallet,
  impersonate = values.wallet,
  spawn = values.process,
  process = values.process,
  adopt = values.process,
  send = values.receipt,
  assign = values.receipt,
  eval = values.receipt,
  dry_run = values.result,
  read = true,
  set_state = values.receipt,
  mint_war = values.receipt,
  monitor = true,
  unmonitor = true,
  mine = true,
  step = values.delivery,
  pending = true,
  snapshot = values.snapshot,
}
-- The network of the test can be another; a fork is over when it is closed.
local CALLS_OF_TEST = { create = true, load = true }
local CALLS_OF_FORK = { close = true }

local CLOCK = { 'now', 'set', 'advance', 'freeze', 'unfreeze' }
local FAULTS = { 'hold', 'drop', 'duplicate', 'delay', 'reorder', 'partition', 'crash', 'busy' }
local FAULT_CALLS = { 'release', 'heal', 'restart', 'list', 'clear' }

-- The call of one name. It takes tables, not the network itself: `network:send` is a slip of the pen.
local function caller(network, name, wrap)
  local at = handles.of(network).ref
  return function(...)
    if rawequal((...), network) then
      local text = 'network:' .. name .. ' is called with a colon'
      failure.misuse(text, 'Write network.' .. name .. '.')
    end
    local value = call(at, name, ...)
    if type(wrap) == 'function' then return wrap(value, at) end
    return value
  end
end

local function addCalls(network, calls)
  for name, wrap in pairs(calls) do network[name] = caller(network, name, wrap) end
end

-- Names of one part of the network: `network.clock.now`.
local function group(network, prefix, names, wrapOf)
  local calls = {}
  for _, name in ipairs(names) do
    calls[name] = caller(network, prefix .. '.' .. name, wrapOf and wrapOf(name))
  end
  return calls
end

local function snapshotRef(what, snapshot)
  local held = handles.of(snapshot)
  if held and held.kind == 'snapshot' then return held.ref end
  failure.misuse(what .. ' needs a snapshot', 'Give it what network.snapshot() returned.')
end

-- What there is not, told as such: a field that is nil would say less.
local function absent(network, name)
  local names = {}
  for known in pairs(network) do names[#names + 1] = known end
  table.sort(names)
  local hint = 'There are: ' .. table.concat(names, ', ') .. '.'
  if name == 'simulate' then hint = 'Simulations are written in TypeScript: docs/TESTING.md.' end
  failure.misuse('network has no ' .. tostring(name), hint)
end

local function open(at)
  local network = handles.hold({}, 'network', at, at)
  values.networks[at] = network
  addCalls(network, CALLS)
  addCalls(network, at == 0 and CALLS_OF_TEST or CALLS_OF_FORK)
  network.clock = group(network, 'clock', CLOCK)
  network.faults = group(network, 'faults', FAULT_CALLS)
  for name, begin in pairs(group(network, 'faults', FAULTS, values.rule)) do
    network.faults[name] = begin
  end

  -- For a loop: each delivery as it is made, until nothing can be delivered any more.
  function network.deliveries()
    return function() return network.step() end
  end

  function network.revert(to)
    call(at, 'revert', snapshotRef('network.revert', to))
  end

  -- Another network that goes on from now, or from a snapshot.
  function network.fork(from, options)
    local ref = from ~= nil and snapshotRef('network.fork', from) or nil
    return open(call(at, 'fork', ref, options))
  end

  local name = at == 0 and 'the network' or 'a fork of the network'
  return setmetatable(network, { __index = absent, __tostring = function() return name end })
end

return open(0)
