-- What the Owner can set: by process tags at boot, by Set-Terms later. The greatest fees and
-- lengths keep every fee below 2^53; a Token-Fee of at least 1 keeps it above zero.
local TERMS = { -- tag, field, default, least, greatest
  { 'Base-Fee', 'feeBase', 1, 0, 100000000000 }, -- winston a request
  { 'Token-Fee', 'feeToken', 1, 1, 100000000000 }, -- winston a word or token
  { 'Max-Tokens', 'maxTokens', 1024, 1, 32768 }, -- tokens a request may ask for
  { 'Max-Prompt', 'maxPromptBytes', 3072, 1, 32768 }, -- bytes; a tag has no room for more
  { 'Max-Queue', 'maxQueue', 1000, 1, 100000 }, -- requests waiting
  { 'Max-Attempts', 'maxAttempts', 3, 1, 100 }, -- workers tried before the refund
  { 'Worker-Limit', 'workerLimitMs', 600000, 1, 1000000000000 }, -- ms of silence with a job
  { 'Wait-Limit', 'waitLimitMs', 3600000, 1, 1000000000000 }, -- ms in the queue
}

local Terms = {}

--- Reads a whole number in decimal digits; nil when it is anything else or out of range.
function Terms.readWhole(text, least, greatest)
  if type(text) ~= 'string' or #text > 15 or not text:match('^%d+$') then return nil end
  local number = math.tointeger(tonumber(text))
  if number >= least and number <= greatest then return number end
end

--- Sets the terms that `valueOf(tag)` has. All or nothing: returns the reason when one is wrong.
function Terms.set(valueOf)
  local values = {}
  for _, term in ipairs(TERMS) do
    local tag, field, _, least, greatest = table.unpack(term)
    local text = valueOf(tag)
    if text ~= nil then
      values[field] = Terms.readWhole(text, least, greatest)
      if not values[field] then
        return tag .. ' must be a whole number from ' .. least .. ' to ' .. greatest
      end
    end
  end
  for field, value in pairs(values) do Herder[field] = value end
end

--- Terms that nobody has set yet.
function Terms.fill()
  for _, term in ipairs(TERMS) do
    local field, default = term[2], term[3]
    Herder[field] = Herder[field] or default
  end
end

return Terms
