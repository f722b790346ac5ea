-- Ready-made patterns and handlers, as `Handlers.utils`.
local utils = require('.utils')

local handlersUtils = { _version = '0.0.2' }

-- Pattern: the tag has exactly this value.
function handlersUtils.hasMatchingTag(name, value)
  assert(
    type(name) == 'string' and type(value) == 'string',
    'invalid arguments: (name : string, value : string)'
  )
  return function(msg)
    return msg.Tags[name] == value
  end
end

-- Pattern: the tag has one of these values.
function handlersUtils.hasMatchingTagOf(name, values)
  assert(
    type(name) == 'string' and type(values) == 'table',
    'invalid arguments: (name : string, values : string[])'
  )
  return function(msg)
    for _, value in ipairs(values) do
      if msg.Tags[name] == value then return true end
    end
    return 0
  end
end

-- Pattern: the data is exactly this text.
function handlersUtils.hasMatchingData(value)
  assert(type(value) == 'string', 'invalid arguments: (value : string)')
  return function(msg)
    return msg.Data == value
  end
end

-- Handler: answers with a text (as Data) or with a table, the same table every time.
function handlersUtils.reply(input)
  assert(
    type(input) == 'table' or type(input) == 'string',
    'invalid arguments: (input : table or string)'
  )
  return function(msg)
    if type(input) == 'string' then
      msg.reply({ Data = input })
    else
      msg.reply(input)
    end
  end
end

-- Pattern: as `spec`, but later handlers see the message too.
function handlersUtils.continue(spec)
  return function(msg)
    local verdict = utils.matchesSpec(msg, spec)
    if not verdict or verdict == 0 or verdict == 'skip' then return verdict end
    return 1
  end
end

return handlersUtils
