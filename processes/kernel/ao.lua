-- The messaging library: the outbox of the current message and what goes into it, and who is
-- trusted. The same table is the global `ao`, `require('ao')` and `require('.ao')`.
local trace = require('.trace')
local utils = require('.utils')

local function set(names)
  local members = {}
  for _, name in ipairs(names) do
    members[name] = true
  end
  return members
end

local ao = {
  _version = '0.0.6',
  id = '',
  _module = '',
  authorities = {},
  reference = 0,
  outbox = { Output = {}, Messages = {}, Spawns = {}, Assignments = {} },
  -- Tags that stay in msg.Tags and are not copied to the root of the message.
  nonExtractableTags = {
    'Data-Protocol', 'Variant', 'From-Process', 'From-Module', 'Type', 'From', 'Owner', 'Anchor',
    'Target', 'Data', 'Tags', 'Read-Only',
  },
  -- Fields of a message that do not travel when it is forwarded.
  nonForwardableTags = {
    'Data-Protocol', 'Variant', 'From-Process', 'From-Module', 'Type', 'From', 'Owner', 'Anchor',
    'Target', 'Tags', 'TagArray', 'Hash-Chain', 'Timestamp', 'Nonce', 'Epoch', 'Signature',
    'Forwarded-By', 'Pushed-For', 'Read-Only', 'Cron', 'Block-Height', 'Reference', 'Id',
    'Reply-To',
  },
}

local NOT_TAGS = set({ 'Target', 'Data', 'Anchor', 'Tags', 'From' })

-- Environment ------------------------------------------------------------------------------------

local function addAuthorities(tag)
  for authority in tostring(tag.value):gmatch('[^,]+') do
    if not utils.includes(authority, ao.authorities) then
      table.insert(ao.authorities, authority)
    end
  end
end

-- Takes over the environment: id and module once, authorities whenever the environment changed.
function ao.init(env)
  if ao.id == '' then ao.id = env.Process.Id end
  if ao.env ~= env then
    for _, tag in ipairs(env.Process.TagArray or env.Process.Tags) do
      if tag.name == 'Module' and ao._module == '' then ao._module = tag.value end
      if tag.name == 'Authority' then addAuthorities(tag) end
    end
  end
  ao.env = env
  ao.clearOutbox()
end

function ao.isTrusted(msg)
  for _, authority in ipairs(ao.authorities) do
    if msg.From == authority or msg.Owner == authority then return true end
  end
  return false
end

-- Messages ---------------------------------------------------------------------------------------

local keptInTags, keptSource, keptCount

-- ao.nonExtractableTags as a set, made again when a program has changed the list.
local function nonExtractable()
  local names = ao.nonExtractableTags
  if names ~= keptSource or #names ~= keptCount then
    keptInTags, keptSource, keptCount = set(names), names, #names
  end
  return keptInTags
end

-- Copies every {name, value} of msg.Tags to the root of `msg`; the last of a repeated name wins.
function ao.normalize(msg)
  local kept, tags = nonExtractable(), msg.Tags
  for i = 1, #tags do
    local tag = tags[i]
    local name = tag.name
    if not kept[name] then msg[name] = tag.value end
  end
  return msg
end

-- Deep copy: cycles are kept, metatables shared.
function ao.clone(value, seen)
  if type(value) ~= 'table' then return value end
  seen = seen or {}
  if seen[value] then return seen[value] end
  local copy = {}
  seen[value] = copy
  for key, item in next, value do
    copy[ao.clone(key, seen)] = ao.clone(item, seen)
  end
  return setmetatable(copy, getmetatable(value))
end

-- A copy of `msg` without the fields that do not travel.
function ao.sanitize(msg)
  local copy = ao.clone(msg)
  for _, name in ipairs(ao.nonForwardableTags) do
    copy[name] = nil
  end
  return copy
end

local function appendTags(tags, extra)
  if type(extra) ~= 'table' then return end
  if extra[1] ~= nil then
    table.move(extra, 1, #extra, #tags + 1, tags)
    return
  end
  for name, value in pairs(extra) do
    tags[#tags + 1] = { name = tostring(name), value = value }
  end
end

-- The outbox entry for `msg`: fixed tags, then `ownTags`, then the other fields, then msg.Tags.
local function compose(msg, kind, ownTags)
  ao.reference = ao.reference + 1
  local reference = tostring(ao.reference)
  local tags = {
    { name = 'Data-Protocol', value = 'ao' },
    { name = 'Variant', value = 'ao.TN.1' },
    { name = 'Type', value = kind },
  }
  local count = #tags
  for _, tag in ipairs(ownTags) do
    count = count + 1
    tags[count] = tag
  end
  count = count + 1
  tags[count] = { name = 'Reference', value = reference }
  for name, value in pairs(msg) do
    if not NOT_TAGS[name] then
      count = count + 1
      tags[count] = { name = type(name) == 'string' and name or tostring(name), value = value }
    end
  end
  appendTags(tags, msg.Tags)
  local anchor = string.rep('0', 32 - #reference) .. reference
  return { Data = msg.Data, Anchor = anchor, Tags = tags }, reference
end

local NO_TAGS = {}

-- Puts a message in the outbox. Returns it with receive([from]) and onReply([from,] handler), which
-- wait for the answer that carries its reference.
function ao.send(msg)
  assert(type(msg) == 'table', 'msg should be a table')
  local entry, reference = compose(msg, 'Message', NO_TAGS)
  entry.Target = msg.Target
  table.insert(ao.outbox.Messages, entry)

  local function answerFrom(from)
    return { From = from or entry.Target, ['X-Reference'] = reference }
  end
  return {
    Target = entry.Target,
    Data = entry.Data,
    Anchor = entry.Anchor,
    Tags = entry.Tags,
    receive = function(from)
      return Handlers.receive(answerFrom(from))
    end,
    onReply = function(...)
      local from, handler = ...
      if select('#', ...) < 2 then
        from, handler = nil, from
      end
      Handlers.once(answerFrom(from), handler)
    end,
  }
end

-- Puts a spawn in the outbox; receive and onReply wait for its Spawned notice.
function ao.spawn(module, msg)
  assert(type(module) == 'string', 'Module source id is required!')
  assert(type(msg) == 'table', 'Message must be a table')
  local entry, reference = compose(msg, 'Process', {
    { name = 'From-Process', value = ao.id },
    { name = 'From-Module', value = ao._module },
    { name = 'Module', value = module },
  })
  if entry.Data == nil then entry.Data = 'NODATA' end
  table.insert(ao.outbox.Spawns, entry)

  local notice = { Action = 'Spawned', From = ao.id, Reference = reference }
  return {
    Data = entry.Data,
    Anchor = entry.Anchor,
    Tags = entry.Tags,
    receive = function()
      return Handlers.receive(notice)
    end,
    onReply = function(handler)
      Handlers.once(notice, handler)
    end,
  }
end

-- Asks for the message `assignment.Message` to be assigned to `assignment.Processes`.
function ao.assign(assignment)
  assert(type(assignment) == 'table', 'assignment should be a table')
  assert(type(assignment.Processes) == 'table', 'Processes should be a table')
  assert(type(assignment.Message) == 'string', 'Message should be a string')
  table.insert(ao.outbox.Assignments, assignment)
end

-- Result -----------------------------------------------------------------------------------------

function ao.clearOutbox()
  ao.outbox = { Output = {}, Messages = {}, Spawns = {}, Assignments = {} }
end

-- Kept for the host's trace; it never reaches Output.
function ao.log(text)
  if type(ao.outbox.Output) == 'table' then table.insert(ao.outbox.Output, text) end
  trace.addLog(text)
end

function ao.result(result)
  local failure = result.Error or ao.outbox.Error
  if failure then return { Error = failure } end
  return {
    Output = result.Output or ao.outbox.Output,
    Messages = ao.outbox.Messages,
    Spawns = ao.outbox.Spawns,
    Assignments = ao.outbox.Assignments,
  }
end

function ao.registerHint() end

require('.assignment').init(ao)
package.loaded['ao'] = ao

return ao
