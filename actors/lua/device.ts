/**
 * Devices: what a process gets by `require("name")` from its host, such as an inference engine. A
 * device's functions are C functions to Lua; all of them enter the host through one entry of the
 * function table and are told apart by a number, so that a memory image fits any instance.
 */
import { DISPATCH } from './engine.js';
import { LimitError, MachineError } from './errors.js';
import { upvalueIndex } from './exports.js';
import type { LuaInstance } from './instance.js';
import { type LuaValue, pushText, pushValue, readValue } from './values.js';

/** What a module's image must know of a device. A Device has this shape. */
export interface DeviceShape {
  /** Name for `require`. */
  readonly name: string;
  readonly functions: Readonly<Record<string, unknown>>;
  /**
   * Lua source that is called with the table of functions and returns what `require` gives; without
   * it, `require` gives the table of functions.
   */
  readonly lua?: string;
}

export interface Device extends DeviceShape {
  /** Arguments as in values.ts. What they throw becomes a Lua error with the same message. */
  readonly functions: Readonly<Record<string, DeviceFunction>>;
  /** State of the device that belongs to the process, as part of a checkpoint. */
  save(): Uint8Array;
  /** An empty state is that of a new process. */
  restore(state: Uint8Array): void;
  /**
   * True if a call costs next to nothing: then what led to a failure may be evaluated again, and the
   * process is not checkpointed after every message.
   */
  readonly isCheap?: boolean;
}

/** A device in the network's own thread, for the processes of modules with the tag `Extension`. */
export interface LocalDevice {
  readonly extension: string;
  /** Makes the device of one process. It answers at once: in virtual time it takes no time. */
  readonly create: (process: string) => Device;
}

/** Returns one value; several results are given by `results(a, b)`. */
export type DeviceFunction = (...args: LuaValue[]) => LuaValue | Results;

export interface Results {
  readonly results: readonly LuaValue[];
  readonly [RESULTS]: true;
}

const RESULTS = Symbol('several results of a device function');

/** Several results of one call, as in Lua's `return a, b`. */
export const results = (...values: LuaValue[]): Results => ({ results: values, [RESULTS]: true });

/** Full names in the order of their numbers. Sorted, so that it does not hang on key order. */
export function functionNames(device: DeviceShape): readonly string[] {
  return Object.keys(device.functions).sort();
}

/** Text by which an image and the devices of a machine are compared. */
export function describeDevice(device: DeviceShape): string {
  return `${device.name}(${functionNames(device).join(', ')})`;
}

/** @throws {DEVICE_MISSING} when devices are not those that an image was made with */
export function checkDevices(wanted: readonly string[], devices: readonly Device[]): void {
  const given = devices.map(describeDevice);
  const missing = wanted.find((device, i) => device !== given[i]);
  if (missing === undefined && given.length === wanted.length) return;
  throw new MachineError('DEVICE_MISSING', 'the devices are not those of the module image', {
    details: { wanted, given },
    hint: 'Give createMachine the devices that createImage was given, in the same order.',
  });
}

/** Pushes a table of a device's functions, numbered from `first`. */
export function pushDeviceFunctions(
  instance: LuaInstance,
  state: number,
  device: DeviceShape,
  first: number,
): void {
  const { lua } = instance;
  const names = functionNames(device);
  lua.lua_createtable(state, 0, names.length);
  names.forEach((name, index) => {
    pushText(instance, state, name);
    lua.lua_pushinteger(state, BigInt(first + index));
    lua.lua_pushcclosure(state, DISPATCH, 1);
    lua.lua_rawset(state, -3);
  });
}

/**
 * Makes the host's entry for the codec and a machine's devices.
 *
 * @returns a lua_CFunction
 */
export function createDispatch(instance: LuaInstance, devices: readonly Device[]) {
  const functions = devices.flatMap((device) =>
    functionNames(device).map((name) => device.functions[name]),
  );
  return (state: number): number => {
    const { lua } = instance;
    const number = Number(lua.lua_tointegerx(state, upvalueIndex(1), 0));
    if (number < 0) return instance.codec(state, number);
    let problem: Error;
    try {
      const call = functions[number];
      if (call === undefined)
        throw new MachineError('DEVICE_MISSING', 'this device is not attached');
      const count = lua.lua_gettop(state);
      if (count > ARGUMENTS_MAX) throw tooMany(count);
      const args = Array.from({ length: count }, (_, i) => readValue(instance, state, i + 1));
      return pushResults(instance, state, call(...args));
    } catch (error) {
      // A longjmp (a number), a trap or a limit is on its way through: not ours to turn.
      if (!(error instanceof Error) || isUnwinding(error)) throw error;
      problem = error;
    }
    lua.luaL_where(state, 1);
    pushText(instance, state, problem.message);
    lua.lua_concat(state, 2);
    return lua.lua_error(state);
  };
}

/** Most arguments of a call: JavaScript's own bound depends on its stack. */
const ARGUMENTS_MAX = 1_000;

function tooMany(count: number): MachineError {
  const text = `${count} arguments cannot pass to the host, ${ARGUMENTS_MAX} can`;
  return new MachineError('DEVICE_VALUE', text, { hint: 'Pass a table.' });
}

function isUnwinding(error: Error): boolean {
  return error instanceof WebAssembly.RuntimeError || error instanceof LimitError;
}

function pushResults(instance: LuaInstance, state: number, returned: LuaValue | Results): number {
  const values = isResults(returned) ? returned.results : [returned];
  instance.lua.lua_checkstack(state, values.length + 4);
  for (const value of values) pushValue(instance, state, value);
  return values.length;
}

function isResults(value: LuaValue | Results): value is Results {
  return typeof value === 'object' && value !== null && RESULTS in value;
}
