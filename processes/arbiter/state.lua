-- The commitments of a dispute: to an answer, to the memory between two operators, to a state of
-- the machine. Each has a first byte of its own, so that none can be taken for another. All hashes
-- are strings of 32 bytes, numbers little-endian.
local merkle = require('arbiter.merkle')
local sha256 = require('arbiter.sha256')

local state = {
  SLOTS = 4096, -- of 16 bytes
  NO_FRAMES = ('\0'):rep(32),
  RUNNING = 0, HALTED = 1, UNREACHABLE = 2, OUT_OF_BOUNDS = 3, DIVISION_BY_ZERO = 4,
  INTEGER_OVERFLOW = 5, INVALID_CONVERSION = 6, STACK_OVERFLOW = 7, READ_ONLY = 8,
}
state.ZERO_SLOTS = merkle.zeroSlotsRoot(state.SLOTS)

--- What a claim commits to: the leaves 0..count of its trace, for one program and one input.
function state.claimRoot(programRoot, inputRoot, traceRoot, count)
  return sha256('\8' .. programRoot .. inputRoot .. traceRoot .. string.pack('<I4', count))
end

--- The memory between two operators: an operator leaf.
function state.memoryHash(answerRoot, workRoot)
  return sha256('\7' .. answerRoot .. workRoot)
end

--- Frames with one more on top.
function state.pushFrame(frames, returnPc, callerFp)
  return sha256('\6' .. frames .. string.pack('<I4I4', returnPc, callerFp))
end

--- A state { memory, slots, frames = hashes, pc, fp, counter, status }.
function state.hash(programRoot, inputRoot, s)
  return sha256('\2' .. programRoot .. inputRoot .. s.memory .. s.slots .. s.frames
    .. string.pack('<I4I4i8I1', s.pc, s.fp, s.counter, s.status))
end

--- Hash of the state in which an operator starts on this memory.
function state.start(program, inputRoot, memory)
  return state.hash(program.root, inputRoot, {
    memory = memory, slots = state.ZERO_SLOTS, frames = state.NO_FRAMES,
    pc = program.entryPc, fp = 0, counter = 0, status = state.RUNNING,
  })
end

--- Hash of the state in which an operator of so many steps ends with this memory.
function state.halted(program, inputRoot, memory, steps)
  return state.hash(program.root, inputRoot, {
    memory = memory, slots = state.ZERO_SLOTS, frames = state.NO_FRAMES,
    pc = 0, fp = 0, counter = steps, status = state.HALTED,
  })
end

return state
