-- Why a test failed, as a value that passes to the host: `text`, and where known `hint`, `code`,
-- `frames` (the user's lines, innermost first), `expected` and `actual` (texts to compare),
-- `report` (more lines, such as a message tree) and `stack` (Lua's, in the program under test).
local where = require('corral.where')

local failure = {}

local Failure = {}

function Failure:__tostring()
  return self.text
end

function failure.is(value)
  return getmetatable(value) == Failure
end

-- Ends the test here. `fields` as above.
function failure.raise(fields)
  fields.frames = fields.frames or where.frames(2)
  error(setmetatable(fields, Failure), 0)
end

-- A mistake in the use of the test functions: what is wrong and what to do.
function failure.misuse(text, hint)
  failure.raise({ text = text, hint = hint, code = 'MISUSE' })
end

-- Lua puts `file:line: ` before an error's text; the frames say that already.
local function plainText(text, frames)
  for _, frame in ipairs(frames) do
    local prefix = frame.file .. ':' .. frame.line .. ': '
    if text:sub(1, #prefix) == prefix then return text:sub(#prefix + 1) end
  end
  return text
end

local OF_A_PROCESS = { "global 'Handlers'", "global 'ao'", "global 'Send'" }

local function hintFor(text)
  for _, name in ipairs(OF_A_PROCESS) do
    if text:find(name, 1, true) then
      return 'A file that uses ao, Send or Handlers runs in a process: '
        .. 'network.spawn { file = "..." }.'
    end
  end
end

-- Message handler for xpcall: turns any error value into a failure.
function failure.capture(value)
  if failure.is(value) then return value end
  local frames = where.frames(2)
  local text = type(value) == 'string' and plainText(value, frames)
    or 'error value: ' .. require('corral.show')(value)
  return setmetatable({ text = text, hint = hintFor(text), frames = frames }, Failure)
end

-- What passes to the host.
function failure.plain(value)
  if not failure.is(value) then value = failure.capture(value) end
  local plain = {}
  for name, field in pairs(value) do plain[name] = field end
  return plain
end

return failure
