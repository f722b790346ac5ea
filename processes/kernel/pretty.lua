-- A plain, indented listing of a table, one entry per line.
local pretty = { _version = '0.0.1' }

function pretty.tprint(t, indent)
  indent = indent or 0
  local out = ''
  for key, value in pairs(t) do
    local label = string.rep(' ', indent) .. key .. ': '
    if type(value) == 'table' then
      out = out .. label .. '\n' .. pretty.tprint(value, indent + 1)
    elseif type(value) == 'boolean' then
      out = out .. label .. tostring(value) .. '\n'
    else
      out = out .. label .. value .. '\n'
    end
  end
  return out
end

return pretty
