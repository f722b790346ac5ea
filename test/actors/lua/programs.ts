/** Machines for tests: one that runs each message as Lua source, and any other by its source. */
import type { Device } from '../../../actors/lua/device.js';
import { compileLua } from '../../../actors/lua/engine.js';
import { createImage, type MemoryImage } from '../../../actors/lua/image.js';
import { createMachine, type MachineOptions } from '../../../actors/lua/machine.js';

/** Runs the message as a chunk and returns its value as text, or `error: ` and what was raised. */
export const RUNNER = `
function handle(message, env)
  local chunk, problem = load(message, "=message")
  if not chunk then return "error: " .. problem end
  local ok, value = pcall(chunk, env)
  return ok and tostring(value) or "error: " .. tostring(value)
end`;

export const engine = compileLua();

export function imageOf(source: string, devices: readonly Device[] = []): MemoryImage {
  return createImage(engine, { files: [{ name: '.main', source }], entry: '.main', devices });
}

export function machineOf(source: string, options: MachineOptions = {}) {
  return createMachine(imageOf(source, options.devices), options);
}

/** A machine that runs Lua source, with limits low enough for a test that hits them. */
export function runner(options: MachineOptions = {}) {
  const limits = { instructions: 5_000_000, ...options.limits };
  const machine = machineOf(RUNNER, { ...options, limits });
  return { machine, run: (source: string, env = '') => machine.evaluate(source, env) };
}
