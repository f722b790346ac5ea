-- A state of the machine as its witness shows it: the header, and the leaves that one step touches,
-- each with the proof that it belongs to the state.
--
-- What is wrong with a witness is remembered in `refusal`, and reading goes on with zeros: whoever
-- works with a view never meets a missing value, and asks once, at the end, whether to believe it.
local merkle = require('arbiter.merkle')
local state = require('arbiter.state')

local MAX_BYTES = 4096
local HASH_BYTES, SLOT_BYTES, INSTRUCTION_BYTES = 32, 16, 32
local SLOT_DEPTH = merkle.depth(state.SLOTS // 2)

local View = {}
View.__index = View

--- Refuses the witness; the first reason counts.
function View:refuse(reason)
  self.refusal = self.refusal or reason
end

--- The next bytes of the witness.
function View:take(size)
  local from = self.at
  self.at = from + size
  if self.at > #self.bytes + 1 then
    self:refuse('the witness is too short')
    return ('\0'):rep(size)
  end
  return self.bytes:sub(from, self.at - 1)
end

function View:takeNumber(format)
  return (string.unpack(format, self:take(string.packsize(format))))
end

--- The next leaf and its proof, checked against the root of its tree.
function View:open(root, index, size, depth, what)
  local content, proof = self:take(size), self:take(HASH_BYTES * depth)
  if not self.refusal and merkle.climb(merkle.leafHash(content), index, proof) ~= root then
    self:refuse(what .. ' does not belong to the state')
  end
  return content, proof
end

function View:openInstruction(program)
  if self.pc >> program.codeDepth ~= 0 then self:refuse('pc is behind the code') end
  return (self:open(program.codeRoot, self.pc, INSTRUCTION_BYTES, program.codeDepth, 'code'))
end

--- The leaf of a slot, by the slot's number in the frame, and where in it the slot begins.
function View:openSlot(number)
  local index = self.fp + number
  if index >= state.SLOTS then self:refuse('a slot is behind the last') end
  local content, proof = self:open(self.slots, index >> 1, 2 * SLOT_BYTES, SLOT_DEPTH, 'a slot')
  return content, proof, index
end

function View:readSlot(number)
  local content, _, index = self:openSlot(number)
  local at = index % 2 * SLOT_BYTES
  return content:sub(at + 1, at + SLOT_BYTES)
end

function View:writeSlot(number, value)
  local content, proof, index = self:openSlot(number)
  if index % 2 == 0 then
    content = value .. content:sub(SLOT_BYTES + 1)
  else
    content = content:sub(1, SLOT_BYTES) .. value
  end
  self.slots = merkle.climb(merkle.leafHash(content), index >> 1, proof)
end

--- The region that holds an address.
local function regionAt(program, address)
  for _, region in ipairs(program.regions) do
    if address < region.to then return region end
  end
end

--- Whether the program may write all of these bytes, which are inside the memory.
function View:isWritable(address, size)
  return regionAt(self.program, address).writable
    and regionAt(self.program, address + size - 1).writable
end

-- Opens the leaves from address to address + size, one or two. Each is given to `change(content,
-- from)`, `from` being the address of its first byte, which returns the new content or nil.
local function eachLeaf(view, address, size, change)
  local LEAF = merkle.REGION_LEAF
  for from = address - address % LEAF, address + size - 1, LEAF do
    local region = regionAt(view.program, from)
    local index = (from - region.from) // LEAF
    local root = view.roots[region.name]
    local content, proof = view:open(root, index, LEAF, region.depth, 'a leaf of ' .. region.name)
    local changed = change(content, from)
    if changed then
      view.roots[region.name] = merkle.climb(merkle.leafHash(changed), index, proof)
    end
  end
end

--- Bytes of the memory, all inside of it.
function View:readMemory(address, size)
  local read, first = '', nil
  eachLeaf(self, address, size, function(content, from)
    read, first = read .. content, first or from
  end)
  return read:sub(address - first + 1, address - first + size)
end

--- Changes bytes of the memory, all of them writable.
function View:writeMemory(address, bytes)
  eachLeaf(self, address, #bytes, function(content, from)
    local start, stop = math.max(address, from), math.min(address + #bytes, from + #content)
    return content:sub(1, start - from) .. bytes:sub(start - address + 1, stop - address)
      .. content:sub(stop - from + 1)
  end)
end

--- Hash of the state that the view shows now.
function View:hash(inputRoot)
  self.memory = state.memoryHash(self.roots.answer, self.roots.work)
  return state.hash(self.program.root, inputRoot, self)
end

--- Reads the header of a witness.
local function view(program, inputRoot, bytes)
  local self = setmetatable({ program = program, bytes = bytes, at = 1 }, View)
  if #bytes > MAX_BYTES then self:refuse('the witness is longer than ' .. MAX_BYTES .. ' bytes') end
  self.roots = {
    input = inputRoot, vocabulary = program.vocabularyRoot, weights = program.weightsRoot,
    answer = self:take(HASH_BYTES), work = self:take(HASH_BYTES),
  }
  self.slots, self.frames = self:take(HASH_BYTES), self:take(HASH_BYTES)
  self.pc, self.fp = self:takeNumber('<I4'), self:takeNumber('<I4')
  self.counter, self.status = self:takeNumber('<i8'), self:takeNumber('<I1')
  return self
end

return { view = view }
