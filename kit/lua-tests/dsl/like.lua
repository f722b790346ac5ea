-- Equality by content, and stand-ins for values of which only something is known, such as
-- `expect.string_matching("^Hello")`: they hold wherever a value is compared.
local like = {}

local StandIn = {}

function StandIn:__tostring()
  return self.text
end

function like.isStandIn(value)
  return getmetatable(value) == StandIn
end

local function standIn(text, accepts)
  return setmetatable({ text = text, accepts = accepts }, StandIn)
end

local absent = standIn('absent', function(value) return value == nil end)

-- For a tag that must not be there: nil in a table is nothing.
function like.isAbsent(value)
  return rawequal(value, absent)
end

like.standIns = {
  absent = function()
    return absent
  end,
  anything = function()
    return standIn('anything', function(value) return value ~= nil end)
  end,
  any = function(kind)
    return standIn('any ' .. kind, function(value) return type(value) == kind end)
  end,
  string_containing = function(part)
    return standIn(('string containing "%s"'):format(part), function(value)
      return type(value) == 'string' and value:find(part, 1, true) ~= nil
    end)
  end,
  string_matching = function(pattern)
    return standIn(('string matching "%s"'):format(pattern), function(value)
      return type(value) == 'string' and value:find(pattern) ~= nil
    end)
  end,
}

local equal

local function sameEntries(actual, expected, open)
  for key, value in pairs(expected) do
    if not equal(actual[key], value, open) then return false end
  end
  for key in pairs(actual) do
    if expected[key] == nil then return false end
  end
  return true
end

equal = function(actual, expected, open)
  if like.isStandIn(expected) then return expected.accepts(actual) end
  if actual == expected then return true end
  if actual ~= actual and expected ~= expected then return true end
  if type(actual) ~= 'table' or type(expected) ~= 'table' then return false end
  -- Two that are being compared further out are the same as far as a circle goes.
  if open[actual] == expected then return true end
  open[actual] = expected
  local same = sameEntries(actual, expected, open)
  open[actual] = nil
  return same
end

function like.equal(actual, expected)
  return equal(actual, expected, {})
end

return like
