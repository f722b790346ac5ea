--[[
  The package registry of APM, for both generations of its client.

  The same program runs at both well-known ids. `APM.Update` answers with the client itself (the
  package @apm/apm-client) as hex; the client then asks with APM.Download, APM.Search and APM.Info.
  Only the Owner publishes (APM.Publish); a published version never changes.
  An answer to a question that cannot be answered carries Result=error and the reason as Data.

  Source: the protocol of the APM clients in aos (message table in docs/PROTOCOL.md). Divergence: no
  vendor accounts and no fees; publishing is the Owner's alone.
]]
local json = require('json')

local CLIENT = '@apm/apm-client'

-- '@vendor/name' -> { vendor, name, description, repository, installs, versions = { in order } };
-- a version is { version, id, source, dependencies }
Packages = Packages or {}

-- Nobody reads the mail of this process: whatever no handler knows is shown and dropped, or anyone
-- could fill its memory.
Inbox = setmetatable(Inbox, { __newindex = function() end })

local function toHex(text)
  return (text:gsub('.', function(byte) return string.format('%02x', byte:byte()) end))
end

local function fromHex(hex)
  return (hex:gsub('%x%x', function(pair) return string.char(tonumber(pair, 16)) end))
end

--- Splits '[@vendor/]name[@version]' into '@vendor/name' and the version or nil. Nil when wrong.
local function parseName(text)
  if type(text) ~= 'string' then return nil end
  local vendor, rest = text:match('^(@[%w_-]+)/(.+)$')
  local name, version = (rest or text):match('^([%w_-]+)@?([%w._-]*)$')
  if not name then return nil end
  return (vendor or '@apm') .. '/' .. name, version ~= '' and version or nil
end

--- Whether version a is higher than b, compared number by number.
local function isHigher(a, b)
  local left, right = a:gmatch('%d+'), b:gmatch('%d+')
  for _ = 1, 3 do
    local x, y = tonumber(left()), tonumber(right())
    if x ~= y then return x > y end
  end
  return false
end

--- The wanted version (number or id of its publishing message), the highest when none is wanted.
local function findVersion(package, wanted)
  local found
  for _, entry in ipairs(package.versions) do
    if wanted == entry.version or wanted == entry.id then return entry end
    if not wanted and (not found or isHigher(entry.version, found.version)) then found = entry end
  end
  return found
end

--- Package and version of a question, or nil and the reason.
local function lookUp(text)
  local name, version = parseName(text)
  if not name then return nil, 'Not a package name: ' .. tostring(text) end
  local package = Packages[name]
  if not package then return nil, 'Package not found: ' .. name end
  local entry = findVersion(package, version)
  if not entry then return nil, 'Version not found: ' .. name .. '@' .. tostring(version) end
  return package, entry
end

--- Answers a question. `respond(msg)` returns the answer, or nil and the reason. It goes to the
--- sender, not to a Reply-To: or anyone could have packages installed on other processes.
local function on(action, respond)
  Handlers.add(action, action, function(msg)
    local answer, reason = respond(msg)
    answer = answer or { Result = 'error', Data = reason }
    answer.Action = action .. 'Response'
    answer.Result = answer.Result or 'success'
    local client = Packages[CLIENT]
    answer.LatestClientVersion = client and findVersion(client).version
    answer.Target = msg.From
    answer['X-Reference'] = msg['X-Reference'] or msg.Reference
    ao.send(answer)
  end)
end

on('APM.Update', function()
  local package, entry = lookUp(CLIENT)
  if not package then return nil, entry end
  -- The client asks where it came from, whichever of the two ids that was.
  -- On the client's first line, so that the lines of its errors are those of its file.
  local source = string.format('local REGISTRY = %q; ', ao.id) .. entry.source
  return { Version = entry.version, Data = toHex(source) }
end)

on('APM.Download', function(msg)
  local package, entry = lookUp(msg.Data)
  if not package then return nil, entry end
  package.installs = package.installs + 1
  return {
    Name = package.vendor .. '/' .. package.name,
    Version = entry.version,
    Dependencies = entry.dependencies,
    Data = toHex(entry.source),
  }
end)

on('APM.Info', function(msg)
  local package, entry = lookUp(msg.Data)
  if not package then return nil, entry end
  return {
    Data = json.encode({
      Vendor = package.vendor,
      Name = package.name,
      Description = package.description,
      Repository = package.repository,
      Version = entry.version,
      PkgID = entry.id,
      TotalInstalls = package.installs,
    }),
  }
end)

on('APM.Search', function(msg)
  local wanted = tostring(msg.Data or ''):lower()
  local names, found = {}, {}
  for name in pairs(Packages) do table.insert(names, name) end
  table.sort(names)
  for _, name in ipairs(names) do
    local package = Packages[name]
    if (name .. ' ' .. package.description):lower():find(wanted, 1, true) then
      table.insert(found, {
        Vendor = package.vendor,
        Name = package.name,
        Description = package.description,
      })
    end
  end
  return { Data = json.encode(found) }
end)

--- Tags Name (@vendor/name), Version (x.y.z), Description, Repository, Dependencies (JSON object
--- {"name":{"version":"x.y.z"}}), Encoding (hex when Data is hex). Data: the Lua source.
on('APM.Publish', function(msg)
  if msg.From ~= Owner then return nil, 'Only the owner of this registry can publish' end
  local name, version = parseName(msg.Name)
  if not name or version then return nil, 'Name must be @vendor/name' end
  if not (msg.Version or ''):match('^%d+%.%d+%.%d+$') then return nil, 'Version must be x.y.z' end
  local source = msg.Encoding == 'hex' and fromHex(msg.Data) or msg.Data
  local chunk, syntax = load(source, '=' .. name, 't')
  if not chunk then return nil, syntax end

  local package = Packages[name] or { installs = 0, versions = {} }
  if findVersion(package, msg.Version) then
    return nil, name .. '@' .. msg.Version .. ' is published already'
  end
  Packages[name] = package
  package.vendor, package.name = name:match('^(@[^/]+)/(.+)$')
  package.description = msg.Description or package.description or ''
  package.repository = msg.Repository or package.repository or ''
  table.insert(package.versions, {
    version = msg.Version,
    id = msg.Id,
    source = source,
    dependencies = msg.Dependencies or '{}',
  })
  print('Published ' .. name .. '@' .. msg.Version)
  return { Name = name, Version = msg.Version }
end)
