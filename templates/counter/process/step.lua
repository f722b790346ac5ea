-- By how much to count: a file of its own, to show that a process may have several.
local step = { MAX = 100 }

-- The whole number that a tag says, 1 if it says nothing.
function step.read(text)
  if text == nil then return 1 end
  local number = math.tointeger(tonumber(text))
  assert(number and number >= 1 and number <= step.MAX, 'Step is a whole number from 1 to 100')
  return number
end

return step
