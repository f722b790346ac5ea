-- What the host keeps and a test holds: receipts, snapshots, fault rules. Only plain values pass,
-- so a test holds a table of what can be read of it, and its number is kept here.
local handles = {}

local held = setmetatable({}, { __mode = 'k' })

-- `kind` and `ref` name what the host keeps, `at` the number of the network that it is of; the table
-- is what the test sees of it.
function handles.hold(value, kind, ref, at)
  held[value] = { kind = kind, ref = ref, at = at }
  return value
end

-- { kind, ref, at }, or nil.
function handles.of(value)
  return type(value) == 'table' and held[value] or nil
end

return handles
