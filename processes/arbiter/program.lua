-- What the arbiter keeps of a model: the roots of its code and constant memory, and the bounds of
-- its memory. All else comes with a witness and is checked by these.
local hex = require('arbiter.hex')
local merkle = require('arbiter.merkle')
local sha256 = require('arbiter.sha256')

local MAX_MEMORY, MAX_CODE = 1 << 32, 1 << 24
local EDGES = { 'answer', 'vocabulary', 'weights', 'work', 'end' }

-- Regions in the order of their addresses; the program may write into two of them.
local REGIONS = { 'input', 'answer', 'vocabulary', 'weights', 'work' }
local WRITABLE = { answer = true, work = true }

local function isWhole(value, most)
  return math.type(value) == 'integer' and value >= 0 and value <= most
end

local function readBounds(given)
  local bounds, before = {}, 0
  if type(given) ~= 'table' then return nil, 'bounds is missing' end
  for _, edge in ipairs(EDGES) do
    local at = given[edge]
    if not isWhole(at, MAX_MEMORY) or at % merkle.REGION_LEAF ~= 0 or at < before then
      return nil, 'bounds.' .. edge .. ' is not a multiple of 256 behind the one before'
    end
    bounds[edge], before = at, at
  end
  return bounds
end

--- The regions as a list of { name, from, to, depth, writable }; addresses count from 0.
local function listRegions(bounds)
  local list, from = {}, 0
  for i, name in ipairs(REGIONS) do
    local to = bounds[EDGES[i]]
    local depth = merkle.depth((to - from) // merkle.REGION_LEAF)
    list[i] = { name = name, from = from, to = to, depth = depth, writable = WRITABLE[name] }
    from = to
  end
  return list
end

local function moduleRootOf(program)
  return sha256('\5' .. program.codeRoot
    .. string.pack('<I4I4', program.codeLength, program.entryPc))
end

local function rootOf(program)
  local bounds, edges = program.bounds, {}
  for i, edge in ipairs(EDGES) do edges[i] = bounds[edge] // merkle.REGION_LEAF end
  local model = sha256('\4' .. program.vocabularyRoot .. program.weightsRoot
    .. string.pack('<I4I4I4I4I4', table.unpack(edges)))
  return sha256('\3' .. program.moduleRoot .. model)
end

--- Reads { codeRoot, vocabularyRoot, weightsRoot = hex, codeLength, entryPc = numbers, bounds =
--- { answer, vocabulary, weights, work, end } }, as decoded from JSON. Returns a program, with its
--- root, or nil and the reason.
local function read(given)
  local program = {}
  for _, name in ipairs({ 'codeRoot', 'vocabularyRoot', 'weightsRoot' }) do
    program[name] = hex.decode(given[name], 32)
    if not program[name] then return nil, name .. ' is not 64 hexadecimal digits' end
  end
  program.codeLength, program.entryPc = given.codeLength, given.entryPc
  if not isWhole(program.codeLength, MAX_CODE) then return nil, 'codeLength is not a count' end
  if not isWhole(program.entryPc, program.codeLength - 1) then
    return nil, 'entryPc is not the number of an instruction'
  end
  local reason
  program.bounds, reason = readBounds(given.bounds)
  if not program.bounds then return nil, reason end
  program.codeDepth = merkle.depth(program.codeLength)
  program.regions = listRegions(program.bounds)
  program.moduleRoot = moduleRootOf(program)
  program.root = rootOf(program)
  return program
end

return { read = read }
