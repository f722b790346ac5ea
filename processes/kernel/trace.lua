-- What happened inside the message being evaluated, for the host: which handler was running, the
-- stack at the first error, and the lines given to ao.log. It leaves through `trace` in the reply
-- of `handle` and is not part of the result that the protocol defines.
local trace = {}

function trace.reset()
  trace.handler, trace.stack, trace.log = nil, nil, nil
end

function trace.addLog(line)
  trace.log = trace.log or {}
  table.insert(trace.log, tostring(line))
end

-- Message handler for xpcall: keeps the stack of the first error, cut where the kernel begins.
function trace.capture(err)
  if not trace.stack then
    local stack = debug.traceback('', 2):gsub('^\nstack traceback:\n', '')
    trace.stack = stack:gsub("\n?\t%[C%]: in function 'xpcall'.*$", '')
  end
  return err
end

-- The innermost line of the program's own code (chunks named `aos`) in an error text, or nil.
local function programLine(text)
  if type(text) ~= 'string' then return nil end
  local line
  for number in text:gmatch('%[string "aos"%]:(%d+):') do
    line = math.tointeger(tonumber(number))
  end
  return line
end

-- The record of this message, or nil when there is nothing to tell. `failure` is the error value.
function trace.report(failure, messageId)
  if failure == nil and not trace.log then return nil end
  local report = { log = trace.log }
  if failure ~= nil then
    report.handler = trace.handler
    report.line = programLine(failure)
    report.message = messageId
    report.stack = trace.stack
  end
  return report
end

return trace
