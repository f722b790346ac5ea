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
      failure.misuse('network:' .. name .. ' is called with a colon', 'Write network.' .. name .. '.')
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

-- What is long is fetched when it is looked at: `messages`, and the tree when it is printed.
local Receipt = {}

function Receipt:__tostring()
  return host.look(handles.of(self).ref, 'text')
end

local function held(kind)
  return function(kept)
    return handles.hold(kept.value, kind, kept.ref)
  end
end

local delivery = held('delivery')

function Receipt:__index(name)
  if name ~= 'messages' then return nil end
  local messages = host.look(handles.of(self).ref, 'messages')
  for i, kept in ipairs(messages) do messages[i] = delivery(kept) end
  self.messages = messages
  return messages
end

local function receipt(kept)
  return handles.hold(setmetatable(kept.value, Receipt), 'receipt', kept.ref)
end

-- Processes, wallets -----------------------------------------------------------------------------

local Process = { __tostring = named('process') }
Process.__index = Process

function Process:send(message)
  local fields = {}
  for name, value in pairs(message) do fields[name] = value end
  fields.to = self
  return network.send(fields)
end

function Process:eval(code, from)
  return network.eval(self, code, from)
end

function Process:dry_run(message)
  return network.dry_run(self, message)
end

function Process:read(path)
  return network.read(self, path)
end

function Process:set_state(path, value)
  return network.set_state(self, path, value)
end

local function process(value)
  local made = setmetatable(value.process, Process)
  made.spawned = receipt(value.spawned)
  return handles.hold(made, 'process', made.id)
end

local Wallet = { __tostring = named('wallet') }

local function wallet(value)
  return setmetatable(value, Wallet)
end

network.create = plainCall('create')
network.wallet = plainCall('wallet', wallet)
network.impersonate = plainCall('impersonate', wallet)
network.spawn = plainCall('spawn', process)
network.send = plainCall('send', receipt)
network.assign = plainCall('assign', receipt)
network.eval = plainCall('eval', receipt)
network.dry_run = plainCall('dry_run', held('result'))
network.read = plainCall('read')
network.set_state = plainCall('set_state', receipt)
network.mint_war = plainCall('mint_war', receipt)
network.monitor = plainCall('monitor')
network.mine = plainCall('mine')
network.step = plainCall('step')
network.pending = plainCall('pending')

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

local Rule = { __tostring = function(self) return 'a fault: ' .. self.kind end }
Rule.__index = Rule

-- Takes the fault away again.
function Rule:stop()
  call('faults.stop', handles.of(self).ref)
end

local function rule(kind)
  return function(ref)
    return handles.hold(setmetatable({ kind = kind }, Rule), 'rule', ref)
  end
end

network.faults = {
  release = plainCall('faults.release'),
  heal = plainCall('faults.heal'),
  restart = plainCall('faults.restart'),
  list = plainCall('faults.list'),
  clear = plainCall('faults.clear'),
}

for _, kind in ipairs({ 'hold', 'drop', 'duplicate', 'delay', 'reorder', 'partition', 'crash', 'busy' }) do
  network.faults[kind] = plainCall('faults.' .. kind, rule(kind))
end

return network
