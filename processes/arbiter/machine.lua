-- Judges one step of the machine from its witness: whether it is the witness of a state, and which
-- state is next. Nothing in it is believed that hashes do not prove, and nothing raises an error.
local conversions = require('arbiter.conversions')
local floats = require('arbiter.floats')
local hex = require('arbiter.hex')
local integers = require('arbiter.integers')
local memory = require('arbiter.memory')
local simdFloats = require('arbiter.simd-floats')
local simdIntegers = require('arbiter.simd-integers')
local state = require('arbiter.state')
local witness = require('arbiter.witness')

local unpack = string.unpack

-- What computes a slot from slots: opcode -> { reads, run(a, b, c, immediate) }.
local operations = {
  [0x1B] = { -- select
    reads = 3,
    run = function(a, b, c) return unpack('<I4', c) ~= 0 and a or b end,
  },
  [0x100] = { reads = 1, run = function(a) return a end }, -- move
  [0x107] = { reads = 0, run = function(_, _, _, immediate) return immediate end }, -- const
}
for _, family in ipairs({ integers, floats, conversions, simdIntegers, simdFloats }) do
  for op, operation in pairs(family) do operations[op] = operation end
end

-- What a step does, as a function of the view and its instruction: changes the view and returns
-- nothing, or changes nothing and returns the status of a trap. `detail` collects what to show.

local function compute(view, instruction, detail)
  local operation = operations[instruction.op]
  local values = detail.operands
  for i = 1, operation.reads do values[i] = view:readSlot(instruction[i]) end
  local value, trap = operation.run(values[1], values[2], values[3], instruction.immediate)
  if value == nil then return trap end
  view:writeSlot(instruction.dst, value)
  detail.result = value
end

--- The address of a load or store of so many bytes, or nil when they are not inside the memory.
local function addressOf(view, instruction, detail, size)
  local address = unpack('<I4', detail.operands[1]) + unpack('<I4', instruction.immediate)
  detail.address = address
  if address + size <= view.program.bounds['end'] then return address end
end

local function loadMemory(view, instruction, detail)
  local size, extend = table.unpack(memory.loads[instruction.op])
  detail.operands[1] = view:readSlot(instruction[1])
  local address = addressOf(view, instruction, detail, size)
  if not address then return state.OUT_OF_BOUNDS end
  detail.result = extend(view:readMemory(address, size))
  view:writeSlot(instruction.dst, detail.result)
end

local function storeMemory(view, instruction, detail)
  local size = memory.stores[instruction.op]
  detail.operands[1] = view:readSlot(instruction[1])
  detail.operands[2] = view:readSlot(instruction[2])
  local address = addressOf(view, instruction, detail, size)
  if not address then return state.OUT_OF_BOUNDS end
  if not view:isWritable(address, size) then return state.READ_ONLY end
  detail.result = detail.operands[2]:sub(1, size)
  view:writeMemory(address, detail.result)
end

--- A jump to immediate[0] if `holds` of the low 32 bits of slot a and immediate[1].
local function jumpIf(holds)
  return function(view, instruction, detail)
    detail.operands[1] = view:readSlot(instruction[1])
    local target, wanted = unpack('<I4I4', instruction.immediate)
    if holds(unpack('<I4', detail.operands[1]), wanted) then view.next = target end
  end
end

local function call(view, instruction)
  local target, delta, size = unpack('<I4I4I4', instruction.immediate)
  if view.fp + delta + size > state.SLOTS then return state.STACK_OVERFLOW end
  view.frames = state.pushFrame(view.frames, view.next, view.fp)
  view.next, view.fp = target, view.fp + delta
end

--- To the caller; from the outermost frame the machine halts and leaves nothing behind.
local function leave(view)
  if view.frames == state.NO_FRAMES then
    view.slots, view.next, view.fp, view.status = state.ZERO_SLOTS, 0, 0, state.HALTED
    return
  end
  local frames = view:take(32)
  local returnPc, callerFp = view:takeNumber('<I4'), view:takeNumber('<I4')
  if state.pushFrame(frames, returnPc, callerFp) ~= view.frames then
    view:refuse('the frame does not belong to the state')
  end
  view.frames, view.next, view.fp = frames, returnPc, callerFp
end

local steps = {
  [0x00] = function() return state.UNREACHABLE end,
  [0x101] = function(view, instruction) view.next = unpack('<I4', instruction.immediate) end,
  [0x102] = jumpIf(function(value) return value ~= 0 end),
  [0x103] = jumpIf(function(value) return value == 0 end),
  [0x104] = jumpIf(function(value, wanted) return value == wanted end),
  [0x105] = call,
  [0x106] = leave,
}
for op in pairs(operations) do steps[op] = compute end
for op in pairs(memory.loads) do steps[op] = loadMemory end
for op in pairs(memory.stores) do steps[op] = storeMemory end

local function decode(bytes)
  local op, dst, a, b, c = unpack('<I2I2I2I2I2', bytes)
  return { op = op, dst = dst, a, b, c, immediate = bytes:sub(17) }
end

local function describe(view, instruction, detail)
  local operands = {}
  for i, value in ipairs(detail.operands) do operands[i] = hex.encode(value) end
  return {
    op = instruction.op, pc = detail.pc, counter = detail.counter, operands = operands,
    immediate = hex.encode(instruction.immediate), address = detail.address,
    result = detail.result and hex.encode(detail.result), status = view.status,
  }
end

--- Takes the step that stands at pc, and tells what happened in it.
local function takeStep(view)
  local instruction = decode(view:openInstruction(view.program))
  local step = steps[instruction.op]
  if not step then view:refuse('there is no such instruction') end
  if view.refusal then return end

  local detail = { operands = {}, pc = view.pc, counter = view.counter }
  view.next = view.pc + 1
  local trap = step(view, instruction, detail)
  if trap then view.status = trap else view.pc = view.next end
  view.counter = view.counter + 1
  return describe(view, instruction, detail)
end

local machine = {}

--- Judges the witness of one step. Returns the hash of the next state and what happened, { op, pc,
--- counter, operands = { hex }, immediate = hex, address?, result? = hex, status }, status being that
--- after the step; or nil and the reason when the bytes are not the witness of this state's step.
---
--- A machine that has stopped stays as it is, and nothing happens, so that every number of steps
--- leads to one state: who says that an operator takes more steps than it does claims an end that
--- never comes. Its witness is the header alone.
function machine.verify(program, inputRoot, stateHash, bytes)
  local view = witness.view(program, inputRoot, bytes)
  if not view.refusal and view:hash(inputRoot) ~= stateHash then
    view:refuse('the header is not that of the state')
  end
  local happened = view.status == state.RUNNING and takeStep(view) or nil
  if view.at <= #bytes then view:refuse('the witness is too long') end
  if view.refusal then return nil, view.refusal end
  return view:hash(inputRoot), happened
end

return machine
