/**
 * Corral's kernel as the program of a handle. It is booted once per program: every process starts
 * from a copy of that memory, and nothing that a handle does is in it.
 */
import { decodeCheckpoint, encodeCheckpoint } from '../../actors/lua/checkpoint.js';
import { compileLua } from '../../actors/lua/engine.js';
import { createImage, type MemoryImage } from '../../actors/lua/image.js';
import type { MachineLimits } from '../../actors/lua/limits.js';
import { createMachine } from '../../actors/lua/machine.js';
import { readKernel } from '../../herd/modules.js';
import { foreignMemory } from '../errors.js';
import type { Program } from './program.js';

const booted: MemoryImage[] = [];

/** Takes about 0.1 s the first time. */
function kernelImage(): MemoryImage {
  const [known] = booted;
  if (known) return known;
  const image = createImage(compileLua(), readKernel());
  booted.push(image);
  return image;
}

/** @throws {MachineError} BAD_LIMIT for a memory in which the kernel does not fit */
export function createKernelProgram(limits: MachineLimits): Program {
  const image = kernelImage();
  createMachine(image, { limits }).dispose(); // a limit that is too low shows here, not later
  return {
    open(memory, timestampMs) {
      const checkpoint = memory && readMemory(memory, image);
      const machine = createMachine(image, { limits, ...(checkpoint && { checkpoint }) });
      return {
        evaluate: (message, environment) => machine.evaluate(message, environment, timestampMs),
        get gasUsed() {
          return machine.instructionsUsed;
        },
        memory: () => Buffer.from(encodeCheckpoint(machine.checkpoint())),
        close: () => machine.dispose(),
      };
    },
  };
}

function readMemory(bytes: Uint8Array, image: MemoryImage) {
  try {
    const checkpoint = decodeCheckpoint(bytes);
    if (checkpoint.image === image.hash) return checkpoint;
  } catch (cause) {
    throw foreignMemory(bytes, cause);
  }
  throw foreignMemory(bytes);
}
