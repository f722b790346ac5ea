/**
 * The state of a process as its author knows it: the globals that its program made, the local
 * variables of its files that outlive a message (its functions hold them), what its own modules keep,
 * and its handlers. What the kernel itself keeps is left out.
 */
import { LUA_TFUNCTION, LUA_TTABLE } from '../../actors/lua/exports.js';
import type { LuaMachine } from '../../actors/lua/machine.js';
import { pushText } from '../../actors/lua/values.js';
import { describeFunction, eachUpvalue, type Look, originOf, sourceName } from './lua-look.js';
import { type Reading, readTop, startReading } from './read-value.js';
import { fieldPath, named, type StateRecord, type StateValue } from './state-value.js';

export interface ProcessState {
  readonly globals: StateRecord;
  /** Local variables by the name of their file. */
  readonly locals: { readonly [file: string]: StateRecord };
  /** What `require` gives, by name: the program's own modules. */
  readonly modules: StateRecord;
  /** What each handler runs, by its name, in the order in which they are asked. */
  readonly handlers: StateRecord;
}

/** What a module has before its first message: all that is not the program's own. */
export interface Baseline {
  /** What each global is, by name. */
  readonly globals: ReadonlyMap<string, string>;
  readonly modules: ReadonlyMap<string, string>;
  /** Chunk names of the module's own files. */
  readonly sources: ReadonlySet<string>;
}

/** Globals that the kernel makes at the first message. */
const KERNEL_GLOBALS = new Set(['HANDLER_PRINT_LOGS', 'Seeded']);
/** Handlers that every process has. */
const KERNEL_HANDLERS = new Set(['_eval', '_default', '_boot']);
/** Functions whose variables are followed. */
const FUNCTIONS_MAX = 10_000;

/** @param machine in the state of its image */
export function readBaseline(machine: LuaMachine, sources: Iterable<string>): Baseline {
  return machine.lend((instance, state) => {
    const look = { instance, state };
    const globals = readIdentities(look, () => void pushGlobals(look));
    const modules = readIdentities(look, () => pushGlobal(look, 'package', 'loaded'));
    return { globals, modules, sources: new Set(sources) };
  });
}

export function readProcessState(machine: LuaMachine, baseline: Baseline): ProcessState {
  return machine.lend((instance, state) => {
    const look: Look = { instance, state };
    const reading = startReading(look);
    instance.lua.lua_checkstack(state, 64);
    const globals = readGlobals(reading, baseline);
    const modules = readModules(reading, baseline);
    const { locals, handlers } = readFunctions(reading, baseline);
    return { globals, locals, modules, handlers };
  });
}

/** Pushes the table of globals. */
export function pushGlobals({ instance, state }: Look): void {
  const GLOBALS = 2n; // LUA_RIDX_GLOBALS
  instance.lua.lua_rawgeti(state, REGISTRY, GLOBALS);
}

const REGISTRY = -1_001_000;

/** Pushes a global, or a field of it, by raw access; nil where a step is no table. */
export function pushGlobal(look: Look, ...path: readonly string[]): void {
  const { instance, state } = look;
  const { lua } = instance;
  pushGlobals(look);
  for (const name of path) {
    if (lua.lua_type(state, -1) === LUA_TTABLE) {
      pushText(instance, state, name);
      lua.lua_rawget(state, -2);
    } else {
      lua.lua_pushnil(state);
    }
    lua.lua_rotate(state, -2, 1);
    lua.lua_settop(state, -2);
  }
}

/** What each string key of a table holds: equal as long as it is the same object or value. */
function readIdentities(look: Look, push: () => void): Map<string, string> {
  const identities = new Map<string, string>();
  push();
  eachField(look, (name) => identities.set(name, identityOf(look)));
  drop(look);
  return identities;
}

/** Addresses of what stands in the fields of a table. */
function addressesOf(look: Look, push: () => void): ReadonlySet<number> {
  const addresses = new Set<number>();
  push();
  eachField(look, () => addresses.add(look.instance.lua.lua_topointer(look.state, -1)));
  drop(look);
  addresses.delete(0); // what is no object
  return addresses;
}

function identityOf({ instance: { lua }, state }: Look): string {
  const type = lua.lua_type(state, -1);
  if (type >= LUA_TTABLE) return `${type}:${lua.lua_topointer(state, -1)}`;
  return `${type}:${lua.lua_tonumberx(state, -1, 0)}:${lua.lua_toboolean(state, -1)}`;
}

function readGlobals(reading: Reading, baseline: Baseline): StateRecord {
  const globals: Record<string, StateValue> = {};
  userGlobals(reading, baseline, (name) => {
    globals[name] = readTop(reading, name);
  });
  return globals;
}

/** Visits the globals of the program, in the order of their names; the value is on top meanwhile. */
export function userGlobals(look: Look, baseline: Baseline, use: (name: string) => void): void {
  const { instance, state } = look;
  const names: string[] = [];
  instance.lua.lua_checkstack(state, 16);
  pushGlobals(look);
  eachField(look, (name) => {
    const isKernels = KERNEL_GLOBALS.has(name);
    if (!isKernels && baseline.globals.get(name) !== identityOf(look)) names.push(name);
  });
  for (const name of names.sort()) {
    pushField(look, name);
    use(name);
    drop(look);
  }
  drop(look);
}

/** The program's own modules, not those of the kernel that it required: what each gives. */
function readModules(reading: Reading, baseline: Baseline): StateRecord {
  const modules: Record<string, StateValue> = {};
  pushGlobal(reading, 'package', 'loaded');
  const names: string[] = [];
  eachField(reading, (name) => {
    const isKernels = baseline.sources.has(name);
    if (!isKernels && baseline.modules.get(name) !== identityOf(reading)) names.push(name);
  });
  for (const name of names.sort()) {
    pushText(reading.instance, reading.state, name);
    reading.instance.lua.lua_rawget(reading.state, -2);
    modules[name] = readTop(reading, `require(${JSON.stringify(name)})`);
    drop(reading);
  }
  drop(reading);
  return modules;
}

/** The handlers, and the variables that they and the program's other functions hold. */
function readFunctions(reading: Reading, baseline: Baseline) {
  const locals: Record<string, Record<string, StateValue>> = {};
  const handlers: Record<string, StateValue> = {};
  const visit = createVisitor(reading, baseline, locals);
  pushGlobal(reading, 'Handlers', 'list');
  const { instance, state } = reading;
  const { lua } = instance;
  const isList = lua.lua_type(state, -1) === LUA_TTABLE;
  const count = isList ? Number(lua.lua_rawlen(state, -1)) : 0;
  for (let index = 1; index <= count; index++) {
    lua.lua_rawgeti(state, -1, BigInt(index));
    readHandler(reading, handlers, visit);
    drop(reading);
  }
  drop(reading);
  pushGlobals(reading);
  visitFields(reading, visit, baseline.globals);
  drop(reading);
  pushGlobal(reading, 'package', 'loaded');
  visitFields(reading, visit, baseline.modules);
  drop(reading);
  return { locals, handlers };
}

/** The handler on top: what it runs is in a variable of the kernel's resolver. */
function readHandler(
  reading: Reading,
  handlers: Record<string, StateValue>,
  visit: () => void,
): void {
  const { instance, state } = reading;
  const { lua } = instance;
  if (lua.lua_type(state, -1) !== LUA_TTABLE) return;
  const name = readField(reading, 'name');
  if (typeof name !== 'string' || KERNEL_HANDLERS.has(name)) return;
  const runs = readField(reading, 'maxRuns');
  pushField(reading, 'pattern');
  visit();
  drop(reading);
  pushField(reading, 'handle');
  let what = lua.lua_type(state, -1) === LUA_TFUNCTION ? describeFunction(reading) : 'no function';
  eachUpvalue(reading, (variable) => {
    if (variable !== 'spec' || lua.lua_type(state, -1) !== LUA_TFUNCTION) return;
    what = describeFunction(reading);
    visit();
  });
  drop(reading);
  handlers[name] = named(typeof runs === 'number' ? `${what}, runs left: ${runs}` : what);
}

/** Follows a function on top, its variables and the functions in them; kernel's own are left out. */
function createVisitor(
  reading: Reading,
  baseline: Baseline,
  locals: Record<string, Record<string, StateValue>>,
): () => void {
  const { instance, state } = reading;
  const { lua } = instance;
  const functions = new Set<number>();
  const variables = new Set<number>();
  const modules = addressesOf(reading, () => pushGlobal(reading, 'package', 'loaded'));
  const visit = () => {
    if (lua.lua_type(state, -1) !== LUA_TFUNCTION) return;
    const address = lua.lua_topointer(state, -1);
    if (functions.has(address) || functions.size >= FUNCTIONS_MAX) return;
    functions.add(address);
    const { source, kind } = originOf(reading);
    if (kind === 'C' || baseline.sources.has(source)) return;
    lua.lua_checkstack(state, 16);
    const file = sourceName(source);
    eachUpvalue(reading, (name, id) => {
      if (name === '_ENV' || variables.has(id)) return;
      variables.add(id);
      if (lua.lua_type(state, -1) === LUA_TFUNCTION) return visit();
      if (modules.has(lua.lua_topointer(state, -1))) return; // it is told as a module
      const known = locals[file] ?? {};
      locals[file] = known;
      const label = freeName(known, name);
      known[label] = readTop(reading, `${file}: ${label}`);
      if (lua.lua_type(state, -1) === LUA_TTABLE) eachField(reading, visit);
    });
  };
  return visit;
}

/** Variables of one name in one file, as every call of a function makes its own. */
function freeName(known: Readonly<Record<string, StateValue>>, name: string): string {
  if (!(name in known)) return name;
  let number = 2;
  while (`${name}#${number}` in known) number++;
  return `${name}#${number}`;
}

/** Visits the functions among the fields of the table on top, and in tables there. */
function visitFields(look: Look, visit: () => void, baseline: ReadonlyMap<string, string>): void {
  const { lua } = look.instance;
  eachField(look, (name) => {
    if (baseline.get(name) === identityOf(look)) return;
    visit();
    if (lua.lua_type(look.state, -1) === LUA_TTABLE) eachField(look, visit);
  });
}

function readField(reading: Reading, name: string): StateValue {
  pushField(reading, name);
  const value = readTop(reading, name);
  drop(reading);
  return value;
}

function pushField({ instance, state }: Look, name: string): void {
  pushText(instance, state, name);
  instance.lua.lua_rawget(state, -2);
}

/** Visits the string keys of the table on top; the value is on top meanwhile. */
function eachField({ instance, state }: Look, use: (name: string) => void): void {
  const { lua } = instance;
  if (lua.lua_type(state, -1) !== LUA_TTABLE) return;
  lua.lua_checkstack(state, 8);
  lua.lua_pushnil(state);
  while (lua.lua_next(state, -2) !== 0) {
    if (lua.lua_type(state, -2) === 4) {
      const start = lua.lua_tolstring(state, -2, 0);
      const length = Number(lua.lua_rawlen(state, -2));
      use(instance.buffer.toString('utf8', start, start + length));
    }
    lua.lua_settop(state, -2);
  }
}

function drop({ instance, state }: Look): void {
  instance.lua.lua_settop(state, -2);
}

/** The paths of a state's parts, as people read them, with what is there. */
export function partsOf({ globals, locals, modules, handlers }: ProcessState) {
  return [
    ...Object.entries(globals).map(([name, value]) => ({ path: name, value })),
    ...Object.entries(locals).flatMap(([file, variables]) =>
      Object.entries(variables).map(([name, value]) => ({ path: `${file}: ${name}`, value })),
    ),
    ...Object.entries(modules).map(([name, value]) => ({
      path: `require(${JSON.stringify(name)})`,
      value,
    })),
    ...Object.entries(handlers).map(([name, value]) => ({
      path: `Handlers${fieldPath(name)}`,
      value,
    })),
  ];
}
