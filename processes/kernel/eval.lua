-- Evaluates the data of a message as Lua, first as an expression and else as a chunk. A true second
-- value is an error, as in `return nil, 'reason'`.
local ao = require('.ao')
local stringify = require('.stringify')

return function(msg)
  local chunk, syntaxError = load('return ' .. msg.Data, 'aos', 't')
  if not chunk then
    chunk, syntaxError = load(msg.Data, 'aos', 't')
  end
  if not chunk then
    ao.outbox.Error = syntaxError
    return
  end
  local value, failure = chunk()
  if failure then
    ao.outbox.Error = failure
    return
  end
  if value then
    local text = type(value) == 'table' and stringify.format(value) or tostring(value)
    table.insert(HANDLER_PRINT_LOGS, text)
  end
  -- A program that broke its prompt must fail in the very message that did it.
  ao.outbox.Output = { prompt = Prompt() }
end
