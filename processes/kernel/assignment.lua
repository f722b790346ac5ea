-- Assignments: messages meant for another target that were assigned to this process too. They are
-- refused unless a spec in ao.assignables lets them in.
local utils = require('.utils')

local assignment = { _version = '0.1.0' }

local function findByName(assignables, name)
  for i, entry in ipairs(assignables) do
    if entry.name == name then return i end
  end
end

-- Adds the four functions and the list to `ao`.
function assignment.init(ao)
  ao.assignables = ao.assignables or {}

  -- addAssignable([name,] spec); the same name replaces.
  function ao.addAssignable(...)
    local name, pattern
    if select('#', ...) > 1 then
      name, pattern = ...
      assert(type(name) == 'string', 'MatchSpec name MUST be a string')
    else
      pattern = ...
    end
    local index = name and findByName(ao.assignables, name) or #ao.assignables + 1
    ao.assignables[index] = { name = name, pattern = pattern }
  end

  function ao.removeAssignable(nameOrIndex)
    local index = nameOrIndex
    if type(nameOrIndex) == 'string' then
      index = findByName(ao.assignables, nameOrIndex)
    else
      assert(type(nameOrIndex) == 'number', 'index MUST be a number')
    end
    if index and ao.assignables[index] then table.remove(ao.assignables, index) end
  end

  function ao.isAssignment(msg)
    return msg.Target ~= ao.id
  end

  function ao.isAssignable(msg)
    for _, entry in ipairs(ao.assignables) do
      if utils.matchesSpec(msg, entry.pattern) then return true end
    end
    return false
  end
end

return assignment
