-- What a person at the console sees and calls: print, the prompt, colours, and the globals around
-- them.
local stringify = require('.stringify')
local trace = require('.trace')

local console = {}

Colors = {
  red = '\27[31m',
  green = '\27[32m',
  blue = '\27[34m',
  gray = '\27[90m',
  reset = '\27[0m',
}
Bell = '\7'

local function show(value)
  local kind = type(value)
  if kind == 'string' then return value end
  if kind == 'table' then return stringify.format(value) end
  if kind == 'number' then return Colors.green .. tostring(value) .. Colors.reset end
  if kind == 'boolean' then return Colors.blue .. tostring(value) .. Colors.reset end
  if kind == 'nil' then return Colors.red .. 'nil' .. Colors.reset end
  return tostring(value)
end

-- Only the first argument counts. The line becomes part of the message's Output.
function print(value)
  local text = show(value)
  table.insert(HANDLER_PRINT_LOGS, text)
  trace.addPrint(text)
end

function Prompt()
  return Colors.green .. Name .. Colors.gray .. '@' .. Colors.blue .. 'aos-' .. console.version
    .. Colors.gray .. '[Inbox:' .. Colors.red .. tostring(#Inbox) .. Colors.gray .. ']'
    .. Colors.reset .. '> '
end

function Version()
  print('version: ' .. console.version)
end

-- The tags of a message as a map; the first of a repeated name wins.
function Tab(msg)
  local map = {}
  for _, tag in ipairs(msg.Tags) do
    if map[tag.name] == nil then map[tag.name] = tag.value end
  end
  return map
end

-- All that was printed during this message, as one text.
function console.text()
  return table.concat(HANDLER_PRINT_LOGS, '\n')
end

return console
