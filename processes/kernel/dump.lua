-- `Dump(value, indent, padding, filter, udata)`: a value as Lua source text, keys sorted, numbers
-- first, cycles named. `filter(value, depth, kind, 'key' or 'val', udata)` may replace a value, or
-- drop it by returning `nil, true`.
local function lessKey(a, b)
  if type(a) == type(b) and (type(a) == 'number' or type(a) == 'string') then return a < b end
  if type(a) == 'number' or type(b) == 'number' then return type(a) == 'number' end
  return tostring(a) < tostring(b)
end

local function keep(value)
  return value
end

local function quoted(value)
  return string.format('%q', tostring(value))
end

local function keyText(key)
  if type(key) == 'string' and key:find('^[%a_][%w_]*$') then return key end
  if type(key) == 'number' or type(key) == 'boolean' then return '[' .. tostring(key) .. ']' end
  return '[' .. quoted(key) .. ']'
end

local function valueText(value)
  if type(value) == 'number' or type(value) == 'boolean' then return tostring(value) end
  return quoted(value)
end

local dumpTable

local function dumpEntry(key, value, depth, ctx)
  local newKey, dropKey = ctx.filter(key, depth, type(key), 'key', ctx.udata)
  if dropKey or newKey == nil then return nil end
  local newValue, dropValue = ctx.filter(value, depth, type(value), 'val', ctx.udata)
  if dropValue or newValue == nil then return nil end
  local text
  if type(newValue) ~= 'table' then
    text = valueText(newValue)
  elseif ctx.open[newValue] then
    text = '"<Circular ' .. tostring(newValue) .. '>"'
  else
    text = dumpTable(newValue, depth + 1, ctx)
  end
  return keyText(newKey) .. ' = ' .. text
end

dumpTable = function(t, depth, ctx)
  ctx.open[t] = true
  local keys, parts = {}, {}
  for key in pairs(t) do
    keys[#keys + 1] = key
  end
  table.sort(keys, lessKey)
  for _, key in ipairs(keys) do
    parts[#parts + 1] = dumpEntry(key, t[key], depth, ctx)
  end
  ctx.open[t] = nil
  if #parts == 0 then return '{}' end
  if ctx.indent == 0 then return '{ ' .. table.concat(parts, ', ') .. ' }' end
  local margin = string.rep(' ', ctx.padding + ctx.indent * depth)
  local inner = ',\n' .. margin
  return '{\n' .. margin .. table.concat(parts, inner)
    .. '\n' .. string.rep(' ', ctx.padding + ctx.indent * (depth - 1)) .. '}'
end

local function checkUnsigned(name, value, default)
  if value == nil then return default end
  if math.type(value) ~= 'integer' or value < 0 then
    error(name .. ' must be unsigned integer', 3)
  end
  return value
end

local function dump(value, indent, padding, filter, udata)
  local ctx = {
    indent = checkUnsigned('indent', indent, 4),
    padding = checkUnsigned('padding', padding, 0),
    filter = filter or keep,
    udata = udata,
    open = {},
  }
  if type(ctx.filter) ~= 'function' then error('filter must be function', 2) end
  if type(value) ~= 'table' then return quoted(value) end
  return dumpTable(value, 1, ctx)
end

return dump
