-- A first-in, first-out queue.
local function queue()
  local items, first, last = {}, 1, 0
  local self = {}

  function self.push(item)
    last = last + 1
    items[last] = item
  end

  -- nil when empty.
  function self.pop()
    if first > last then return nil end
    local item = items[first]
    items[first] = nil
    first = first + 1
    return item
  end

  function self.size()
    return last - first + 1
  end

  function self.reset()
    items, first, last = {}, 1, 0
  end

  return self
end

return queue
