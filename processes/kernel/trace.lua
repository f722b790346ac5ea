-- What happened inside the message being evaluated, for the host: which handlers ran and which was
-- running, what was printed and where, the stack at the first error, and the lines given to ao.log.
-- It leaves beside the response in the reply of `handle` (main.lua) and is not part of the result
-- that the protocol defines.
local getinfo, byte, sub = debug.getinfo, string.byte, string.sub

local trace = {}

-- Bytes of printed text that are told with their places; all of it is in the Output anyway.
local PRINT_ROOM = 1 << 18
local room

local DOT, AT, EQUALS = 46, 64, 61

function trace.reset()
  trace.handler, trace.ran, trace.stack, trace.log, trace.prints = nil, nil, nil, nil, nil
end

-- A handler is about to run.
function trace.enter(name)
  trace.handler = name
  trace.ran = trace.ran and trace.ran .. ', ' .. tostring(name) or tostring(name)
end

function trace.addLog(line)
  trace.log = trace.log or {}
  table.insert(trace.log, tostring(line))
end

-- `file:line` of a function's caller; empty if that is the kernel, C, or gone by a tail call.
local function placeOf(level)
  local caller = getinfo(level + 2, 'Sl')
  if not caller or caller.currentline < 1 or getinfo(level + 1, 't').istailcall then return '' end
  local source = caller.source
  local mark = byte(source)
  if mark == DOT then return '' end
  local file = (mark == AT or mark == EQUALS) and sub(source, 2) or caller.short_src
  return file .. ':' .. caller.currentline
end

-- Notes what was printed and where `print` was called: text and place by turns.
function trace.addPrint(text)
  local prints = trace.prints
  if not prints then
    prints, room = {}, PRINT_ROOM
    trace.prints = prints
  end
  room = room - #text
  if room < 0 then return end
  local count = #prints
  prints[count + 1], prints[count + 2] = text, placeOf(2)
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
