-- Tables as coloured text, for `print` and for the value of an Eval. The layout, with its quirks
-- (array items vanish from a mixed table, a table seen twice under keys hides the whole), is what
-- people's terminals and tests know; only endless recursion through array slots is cut short.
local stringify = { _version = '0.0.1' }

local RED, GREEN, BLUE, RESET = '\27[31m', '\27[32m', '\27[34m', '\27[0m'
local CIRCULAR = '<circular reference>'

local function scalar(value)
  if type(value) == 'string' then return GREEN .. '"' .. value .. '"' .. RESET end
  return BLUE .. tostring(value) .. RESET
end

-- Whether the keys, in the order visited, are 1..n and every value is a string or a number.
function stringify.isSimpleArray(t)
  local expected = 1
  for key, value in pairs(t) do
    if key ~= expected or (type(value) ~= 'number' and type(value) ~= 'string') then
      return false
    end
    expected = expected + 1
  end
  return true
end

local render

local function renderItem(value, indent, seen, path)
  if type(value) ~= 'table' then return scalar(value) end
  if path[value] then return CIRCULAR end
  return render(value, indent + 2, seen, path)
end

local function renderEntry(k, value, indent, seen, path)
  local label = string.rep(' ', indent + 2) .. RED .. k .. RESET .. ' = '
  if type(value) ~= 'table' then return label .. scalar(value) end
  if seen[value] then return nil end
  seen[value] = true
  return label .. render(value, indent + 2, seen, path)
end

local function renderSimple(t)
  local items = {}
  for i, value in ipairs(t) do
    items[i] = scalar(value)
  end
  return '{ ' .. table.concat(items, ', ') .. ' }'
end

-- `seen`: tables met under keys so far; `path`: tables that enclose this one.
render = function(t, indent, seen, path)
  if stringify.isSimpleArray(t) then return renderSimple(t) end
  path[t] = true
  local items, isSequence = {}, true
  for key, value in pairs(t) do
    if isSequence and key ~= #items + 1 then
      items, isSequence = {}, false
    end
    local item
    if isSequence then
      item = string.rep(' ', indent + 2) .. renderItem(value, indent, seen, path)
    else
      item = renderEntry(key, value, indent, seen, path)
      if not item then
        path[t] = nil
        return CIRCULAR
      end
    end
    items[#items + 1] = item
  end
  path[t] = nil
  local margin = string.rep(' ', indent)
  if isSequence then return '{\n' .. table.concat(items, ',\n') .. '\n' .. margin .. ' }' end
  return '{\n ' .. table.concat(items, ',\n ') .. '\n' .. margin .. '}'
end

function stringify.format(t, indent)
  return render(t, indent or 0, {}, {})
end

return stringify
