-- From the message as the compute unit delivers it to the `msg` that handlers see: tag names in
-- their canonical case, tags at the root and as a map, JSON data decoded.
local ao = require('.ao')
local json = require('json')
local utils = require('.utils')

local envelope = {}

-- Canonical forms of tag names; forgotten when senders have made up too many.
local CACHE_LIMIT = 512
local canonical, cached = {}, 0

local function canonicalName(name)
  local known = canonical[name]
  if known then return known end
  if cached >= CACHE_LIMIT then
    canonical, cached = {}, 0
  end
  known = utils.normalize(name)
  canonical[name], cached = known, cached + 1
  return known
end

-- Tags as a map; the first of a repeated name wins.
local function toMap(tags)
  local map = {}
  for i = #tags, 1, -1 do
    local tag = tags[i]
    map[tag.name] = tag.value
  end
  return map
end

-- Renames the tags and copies them to the root of the message, over the fields of the envelope too.
function envelope.open(msg)
  if type(msg.Tags) ~= 'table' then
    error('message ' .. tostring(msg.Id) .. ' has no Tags', 0)
  end
  local tags = msg.Tags
  for i = 1, #tags do
    local tag = tags[i]
    local name = tag.name
    tag.name = canonical[name] or canonicalName(name)
  end
  ao.normalize(msg)
end

-- Splits Tags into the array TagArray and the map Tags, once.
function envelope.indexTags(holder)
  if holder.TagArray then return end
  holder.TagArray, holder.Tags = holder.Tags, toMap(holder.Tags)
end

function envelope.decodeData(msg)
  if msg.Tags['Content-Type'] == 'application/json' then
    msg.Data = json.decode(msg.Data == nil and '{}' or msg.Data)
  end
end

return envelope
