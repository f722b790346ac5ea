--[[
  What has to happen when its time comes: a heap, soonest first. A thing (kind and id) may be set
  again; each message looks at a few due entries, so that no message ever works through all that
  waits.
]]
local Alarms = {}

local function isBefore(a, b)
  if a.at ~= b.at then return a.at < b.at end
  return a.number < b.number -- equal times in the order they were set
end

--- Makes sure that somebody looks at this thing at that time.
function Alarms.set(at, kind, id)
  local heap = Arbiter.alarms
  Arbiter.nextAlarm = Arbiter.nextAlarm + 1
  local entry, index = { at = at, kind = kind, id = id, number = Arbiter.nextAlarm }, #heap + 1
  while index > 1 and isBefore(entry, heap[index // 2]) do
    heap[index], index = heap[index // 2], index // 2
  end
  heap[index] = entry
end

--- Takes the soonest entry if it is due by `now`; nil when none is.
function Alarms.takeDue(now)
  local heap = Arbiter.alarms
  local first = heap[1]
  if not first or first.at > now then return nil end
  local last, size, index = table.remove(heap), #heap, 1
  if size == 0 then return first end
  while 2 * index <= size do
    local child = 2 * index
    if child < size and isBefore(heap[child + 1], heap[child]) then child = child + 1 end
    if not isBefore(heap[child], last) then break end
    heap[index], index = heap[child], child
  end
  heap[index] = last
  return first
end

return Alarms
