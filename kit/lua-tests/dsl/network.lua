-- The network as a test sees it: the names of the TypeScript network in snake_case. A process, a
-- receipt, a wallet are tables that can be read and printed; what they stand for stays on the host.
local call = require('corral.call').call
local failure = require('corral.failure')
local handles = require('corral.handles')
local host = require('corral.host')

local network = handles.hold({}, 'network', 0)

-- A call takes tables, not the network itself: `network:send` is a slip of the pen.
local function plainCall(name, wrap)
  return function(...)
    if rawequal((...), network) then
      local text = 'network:' .. name .. ' is called with a colon'
      failure.misuse(text, 'Write network.' .. name .. '.')
    end
    local value = call(name, ...)
    if wrap then return wrap(value) end
    return value
  end
end

local function named(kind)
  return function(self)
    return kind .. ' ' .. (self.name or self.id)
  end
end

-- Receipts, deliveries ---------------------------------------------------------------------------

-- A receipt is read on the host, and its tree is drawn when it is printed: with the crank turned by
-- hand, or with faults, there is more in it later.
local Receipt = {}

function Receipt:__tostring()
  return host.look(handles.of(self).ref, 'tree')
end

local function held(kind)
  return function(kept)
    return kept and handles.hold(kept.value, kind, kept.ref)
  end
end

local delivery = held('delivery')

local PARTS = { pending = true, result = true, messages = true, errors = true }

function Receipt:__index(name)
  if not PARTS[name] then return nil end
  local ref = handles.of(self).ref
  local value = host.look(ref, name)
  if name == 'messages' then
    for i, kept in ipairs(value) do value[i] = delivery(kept) end
  end
  if host.look(ref, 'pending') == 0 then rawset(self, name, value) end
  return value
end

local function receipt(kept)
  return handles.hold(setmetatable(kept.value, Receipt), 'receipt', kept.ref)
end

-- Processes, wallets -----------------------------------------------------------------------------

local methods = {}
local Process = { __tostring = named('process') }

-- What the spawn set off is kept aside: a process passes to the host with every message to it.
function Process:__index(name)
  if name == 'spawned' then return handles.of(self).spawned end
  return methods[name]
end

function methods:send(message)
  local fields = {}
  for name, value in pairs(message) do fields[name] = value end
  fields.to = self
  return network.send(fields)
end

function methods:eval(code, from)
  return network.eval(self, code, from)
end

function methods:dry_run(message)
  return network.dry_run(self, message)
end

function methods:read(path)
  return network.read(self, path)
end

function methods:set_state(path, value)
  return network.set_state(self, path, value)
end

local function process(value)
  local made = setmetatable(value.process, Process)
  handles.hold(made, 'process', made.id)
  if value.spawned then handles.of(made).spawned = receipt(value.spawned) end
  return made
end

local Wallet = { __tostring = named('wallet') }

local function wallet(value)
  return setmetatable(value, Wallet)
end

network.create = plainCall('create')
network.load = plainCall('load')
network.save = plainCall('save')
network.wallet = plainCall('wallet', wallet)
network.impersonate = plainCall('impersonate', wallet)
network.spawn = plainCall('spawn', process)
network.process = plainCall('process', process)
network.adopt = plainCall('adopt', process)
network.send = plainCall('send', receipt)
network.assign = plainCall('assign', receipt)
network.eval = plainCall('eval', receipt)
network.dry_run = plainCall('dry_run', held('result'))
network.read = plainCall('read')
network.set_state = plainCall('set_state', receipt)
network.mint_war = plainCall('mint_war', receipt)
network.monitor = plainCall('monitor')
network.mine = plainCall('mine')
network.step = plainCall('step', delivery)
network.pending = plainCall('pending')

-- For a loop: each delivery as it is made, until nothing can be delivered any more.
function network.deliveries()
  return function() return network.step() end
end

-- Time -------------------------------------------------------------------------------------------

network.clock = {
  now = plainCall('clock.now'),
  set = plainCall('clock.set'),
  advance = plainCall('clock.advance'),
  freeze = plainCall('clock.freeze'),
  unfreeze = plainCall('clock.unfreeze'),
}

-- Snapshots --------------------------------------------------------------------------------------

local Snapshot = { __tostring = function() return 'a snapshot' end }

local function snapshot(ref)
  return handles.hold(setmetatable({}, Snapshot), 'snapshot', ref)
end

network.snapshot = plainCall('snapshot', snapshot)

function network.revert(to)
  local held = handles.of(to)
  if not held or held.kind ~= 'snapshot' then
    failure.misuse('network.revert needs a snapshot', 'Give it what network.snapshot() returned.')
  end
  call('revert', held.ref)
end

-- Faults -----------------------------------------------------------------------------------------

-- A rule is known by its number, so that a test can end what `before` began.
local Rule = {}
Rule.__index = Rule

function Rule:__tostring()
  return 'fault ' .. self.number .. ': ' .. self.fault
end

-- Ends it; `end` is a word of Lua's own.
function Rule:stop()
  call('faults.stop', self.number)
end

local function rule(fault)
  return function(number)
    return setmetatable({ fault = fault, number = number }, Rule)
  end
end

network.faults = {
  release = plainCall('faults.release'),
  heal = plainCall('faults.heal'),
  restart = plainCall('faults.restart'),
  list = plainCall('faults.list'),
  clear = plainCall('faults.clear'),
}

local FAULTS = { 'hold', 'drop', 'duplicate', 'delay', 'reorder', 'partition', 'crash', 'busy' }

for _, fault in ipairs(FAULTS) do
  network.faults[fault] = plainCall('faults.' .. fault, rule(fault))
end

return network
