-- Answers Lua expressions, one a line, with one line each: as `handle` on Corral's Lua machine, or
-- as a program, lua arbiter-machine-lua.lua FOLDER < expressions, the arbiter's modules in FOLDER.
local folder = arg and arg[1]

if folder then
  table.insert(package.searchers, 2, function(name)
    local path = folder .. name:gsub('^arbiter%.', '') .. '.lua'
    return assert(loadfile(path)), path
  end)
end

function hex(text) return require('arbiter.hex').encode(text) end

function bytes(text) return require('arbiter.hex').decode(text) end

local FAMILIES = { 'integers', 'floats', 'conversions', 'simd-integers', 'simd-floats' }

-- Results of an operation on records of three slots and an immediate, in hexadecimal.
function compute(op, records)
  local operation, results = nil, {}
  for _, family in ipairs(FAMILIES) do
    operation = operation or require('arbiter.' .. family)[op]
  end
  local count = operation.reads
  for record in records:gmatch(('.'):rep(128)) do
    local a, b, c, immediate = string.unpack('c16c16c16c16', bytes(record))
    local value, trap = operation.run(a, count > 1 and b or nil, count > 2 and c or nil, immediate)
    table.insert(results, value and hex(value) or 'trap' .. trap)
  end
  return table.concat(results, ' ')
end

-- Judges a witness: the hash of the next state and the word detail, or nil and the reason.
function verify(program, inputRoot, stateHash, witness)
  local read = require('arbiter.program').read(program)
  local hash, detail = require('arbiter.machine').verify(read, inputRoot, stateHash, witness)
  if not hash then return nil, detail end
  return hex(hash), type(detail) == 'table' and 'detail' or detail
end

function handle(text)
  local answers = {}
  for line in text:gmatch('[^\n]+') do
    local parts = table.pack(assert(load('return ' .. line, '=question'))())
    for i = 1, parts.n do parts[i] = tostring(parts[i]) end
    table.insert(answers, table.concat(parts, ' ') .. '\n')
  end
  return table.concat(answers)
end

if folder then io.write(handle(io.read('a'))) end
