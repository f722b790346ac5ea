-- Values as text: like the Lua that would make them, keys in order, on one line if they are short.
local WIDTH = 72
local DEPTH_MAX = 12

local show

local function isName(key)
  return type(key) == 'string' and key:find('^[%a_][%w_]*$') ~= nil
end

local RANK = { number = 1, string = 2, boolean = 3 }

local function before(a, b)
  local rankA, rankB = RANK[type(a)] or 4, RANK[type(b)] or 4
  if rankA ~= rankB then return rankA < rankB end
  if rankA < 3 then return a < b end
  return tostring(a) < tostring(b)
end

local function sortedKeys(value)
  local keys = {}
  for key in pairs(value) do keys[#keys + 1] = key end
  table.sort(keys, before)
  return keys
end

local ESCAPES = { ['\n'] = '\\n', ['\t'] = '\\t', ['\r'] = '\\r', ['"'] = '\\"', ['\\'] = '\\\\' }

local function quote(text)
  local quoted = text:gsub('[%c"\\]', function(c)
    return ESCAPES[c] or ('\\%03d'):format(c:byte())
  end)
  return '"' .. quoted .. '"'
end

local function entries(value, indent, open)
  local parts = {}
  local length = rawlen(value)
  for _, key in ipairs(sortedKeys(value)) do
    local item = show(rawget(value, key), indent .. '  ', open)
    if math.type(key) == 'integer' and key >= 1 and key <= length then
      parts[#parts + 1] = item
    else
      local name = isName(key) and key or '[' .. show(key, '', open) .. ']'
      parts[#parts + 1] = name .. ' = ' .. item
    end
  end
  return parts
end

local function showTable(value, indent, open)
  if open[value] then return '<itself>' end
  if #open >= DEPTH_MAX then return '{...}' end
  open[value], open[#open + 1] = true, value
  local parts = entries(value, indent, open)
  open[value], open[#open] = nil, nil
  if #parts == 0 then return '{}' end
  local line = '{ ' .. table.concat(parts, ', ') .. ' }'
  if #line + #indent <= WIDTH and not line:find('\n', 1, true) then return line end
  local inner = '\n' .. indent .. '  '
  return '{' .. inner .. table.concat(parts, ',' .. inner) .. ',\n' .. indent .. '}'
end

show = function(value, indent, open)
  local kind = type(value)
  if kind == 'string' then return quote(value) end
  if kind ~= 'table' then
    return kind == 'function' and 'a function' or tostring(value)
  end
  local metatable = getmetatable(value)
  if type(metatable) == 'table' and metatable.__tostring then return tostring(value) end
  return showTable(value, indent, open)
end

return function(value)
  return show(value, '', {})
end
