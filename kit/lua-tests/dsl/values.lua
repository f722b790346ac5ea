-- What calls of a network answer, as a test sees it: a process, a receipt, a wallet are tables that
-- can be read and printed; what they stand for stays on the host. Each knows its network.
local call = require('corral.call').call
local handles = require('corral.handles')
local host = require('corral.host')

local values = {}

-- Networks by their numbers.
values.networks = {}

local function networkOf(value)
  return values.networks[handles.of(value).at]
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
  return function(kept, at)
    return kept and handles.hold(kept.value, kind, kept.ref, at)
  end
end

values.delivery = held('delivery')
values.result = held('result')

local PARTS = { pending = true, result = true, messages = true, errors = true }

function Receipt:__index(name)
  if not PARTS[name] then return nil end
  local ref, at = handles.of(self).ref, handles.of(self).at
  local value = host.look(ref, name)
  if name == 'messages' then
    for i, kept in ipairs(value) do value[i] = values.delivery(kept, at) end
  end
  if host.look(ref, 'pending') == 0 then rawset(self, name, value) end
  return value
end

function values.receipt(kept, at)
  return handles.hold(setmetatable(kept.value, Receipt), 'receipt', kept.ref, at)
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
  return networkOf(self).send(fields)
end

function methods:eval(code, from)
  return networkOf(self).eval(self, code, from)
end

function methods:dry_run(message)
  return networkOf(self).dry_run(self, message)
end

function methods:read(path)
  return networkOf(self).read(self, path)
end

function methods:set_state(path, value)
  return networkOf(self).set_state(self, path, value)
end

-- Fetches an adopted process now. Returns how many messages came.
function methods:load()
  return call(handles.of(self).at, 'load_process', self)
end

function values.process(value, at)
  local made = setmetatable(value.process, Process)
  handles.hold(made, 'process', made.id, at)
  if value.spawned then handles.of(made).spawned = values.receipt(value.spawned, at) end
  return made
end

local Wallet = { __tostring = named('wallet') }

function values.wallet(value)
  return setmetatable(value, Wallet)
end

-- Snapshots, faults ------------------------------------------------------------------------------

local Snapshot = { __tostring = function() return 'a snapshot' end }

function values.snapshot(ref, at)
  return handles.hold(setmetatable({}, Snapshot), 'snapshot', ref, at)
end

-- A rule is known by its number, so that a test can end what `before` began.
local Rule = {}
Rule.__index = Rule

function Rule:__tostring()
  return 'fault ' .. self.number .. ': ' .. self.fault
end

-- Ends it; `end` is a word of Lua's own.
function Rule:stop()
  call(handles.of(self).at, 'faults.stop', self.number)
end

function values.rule(fault)
  return function(number, at)
    local made = setmetatable({ fault = fault, number = number }, Rule)
    return handles.hold(made, 'rule', number, at)
  end
end

return values
