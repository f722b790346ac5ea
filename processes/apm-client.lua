--[[
  APM, the package manager of AO processes: `apm` and, for programs of its first generation, `APM`.

  apm.install('[@vendor/]name[@version]') asks the registry; the package is there when the answer
  has come: require('@vendor/name'), or require('name') for those of the vendor @apm.
  Only the registry that this client came from is believed.

  Source: the behaviour of the APM client of aos (messages and texts in docs/PROTOCOL.md).
]]
local json = require('json')

local VERSION = '2.1.0'
local DEFAULT_VENDOR = '@apm'

apm = type(apm) == 'table' and apm or {}
APM = apm
-- REGISTRY is set by the registry that sends this client.
apm.ID = REGISTRY or apm.ID or 'DKF8oXtPvh3q8s0fJFIeHFyHNM6oKrwMCUrPxEMroak'
apm._version = VERSION
apm.installed = apm.installed or {}

local function fromHex(hex)
  return (hex:gsub('%x%x', function(pair) return string.char(tonumber(pair, 16)) end))
end

--- Splits '[@vendor/]name[@version]' into '@vendor/name' and the version or nil.
local function parseName(text)
  assert(type(text) == 'string' and text ~= '', 'Invalid package name')
  local vendor, rest = text:match('^([^/]*)/(.*)$')
  vendor, rest = vendor or DEFAULT_VENDOR, rest or text
  local name, version = rest:match('^([^@]*)@?(.*)$')
  assert(vendor:match('^@[%w_-]+$'), 'Invalid vendor name')
  assert(name:match('^[%w_-]+$'), 'Invalid package name')
  assert(version == '' or version:match('^%d+%.%d+%.%d+$')
    or (#version == 43 and version:match('^[%w_-]+$')), 'Invalid version')
  return vendor .. '/' .. name, version ~= '' and version or nil
end

--- The name that `require` knows a package by.
local function moduleName(name)
  return (name:gsub('^' .. DEFAULT_VENDOR .. '/', ''))
end

local function ask(action, data)
  ao.send({ Target = apm.ID, Action = action, Data = data })
end

function apm.install(text)
  local name, version = parseName(text)
  local wanted = version and name .. '@' .. version or name
  if version and apm.installed[name] == version then
    return '✅ Package ' .. wanted .. ' already installed'
  end
  ask('APM.Download', wanted)
  return '📦 Download requested for ' .. wanted
end

function apm.search(query)
  assert(type(query) == 'string', 'No search query provided')
  ask('APM.Search', query)
  return '🔍 Search requested for ' .. query
end

function apm.info(name)
  assert(type(name) == 'string', 'No info query provided')
  ask('APM.Info', name)
  return '📦 Info requested for ' .. name
end

function apm.update()
  ask('APM.Update')
  return '📦 Update requested'
end

function apm.uninstall(text)
  local name = parseName(text)
  assert(apm.installed[name], 'Package not installed')
  apm.installed[name] = nil
  package.loaded[moduleName(name)] = nil
  return '🗑️ Uninstalled ' .. name
end

--- Runs Lua source and returns what it returns. The error text has no position of this client.
local function run(source, name)
  local chunk, syntax = load(source, '=' .. name, 't')
  if not chunk then error(syntax, 0) end
  return chunk()
end

local function installDependencies(text)
  for dependency, wanted in pairs(json.decode(text or '{}')) do
    local name = parseName(dependency)
    if not apm.installed[name] then
      print('ℹ️ Installing dependency ' .. name)
      apm.install(wanted.version and name .. '@' .. wanted.version or name)
    end
  end
end

--- Adds the handler of an answer. What goes wrong is printed and told to the registry.
local function on(action, handle)
  -- Not named as the action: the one-shot handler that loads this client is, and goes by its name.
  Handlers.add('apm.' .. action, action, function(msg)
    if msg.From ~= apm.ID then
      return print('Attempt to answer ' .. action .. ' from illegal source')
    end
    local ok, reason = false, msg.Data
    if msg.Result ~= 'error' then ok, reason = pcall(handle, msg) end
    -- The kernel writes tag names in title case; older ones left them as they were.
    local latest = msg.Latestclientversion or msg.LatestClientVersion
    if latest and latest ~= apm._version then
      print('ℹ️ APM ' .. latest .. ' is available: apm.update()')
    end
    if ok then return end
    print(Colors.red .. action .. Colors.reset .. ' - ' .. tostring(reason))
    if msg.Result ~= 'error' then
      ao.send({ Target = apm.ID, Result = 'error', Data = tostring(reason) })
    end
  end)
end

on('APM.DownloadResponse', function(msg)
  local name = parseName(msg.Name)
  local loaded = run(fromHex(msg.Data), name)
  package.loaded[moduleName(name)] = loaded == nil and true or loaded
  apm.installed[name] = msg.Version
  installDependencies(msg.Dependencies)
  print('✅ Downloaded ' .. name .. '@' .. msg.Version)
end)

on('APM.SearchResponse', function(msg)
  local lines = {}
  for _, found in ipairs(json.decode(msg.Data)) do
    table.insert(lines, found.Vendor .. '/' .. found.Name .. ' | ' .. found.Description)
  end
  print(#lines > 0 and table.concat(lines, '\n') or 'No packages found')
end)

on('APM.InfoResponse', function(msg)
  local found = json.decode(msg.Data)
  print(table.concat({
    '📦 ' .. Colors.green .. found.Vendor .. '/' .. found.Name .. Colors.reset,
    'Description    : ' .. found.Description,
    'Latest version : ' .. found.Version,
    'Installs       : ' .. found.TotalInstalls,
    'Package id     : ' .. found.PkgID,
    'Repository     : ' .. found.Repository,
  }, '\n'))
end)

on('APM.UpdateResponse', function(msg)
  run(fromHex(msg.Data), 'apm')
  print('✅ Updated APM to v:' .. msg.Version)
end)
