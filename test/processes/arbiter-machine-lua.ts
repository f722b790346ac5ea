/**
 * The arbiter's modules on both dialects that they must run on: Corral's Lua machine (5.4) and the
 * system's Lua 5.3, AO's own. A question is a Lua expression, its answer a string; an error raised
 * by Lua fails the test that asked.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { compileLua } from '../../actors/lua/engine.js';
import { createImage, type LuaFile } from '../../actors/lua/image.js';
import { createMachine, type LuaMachine } from '../../actors/lua/machine.js';
import { collectorOfRun } from '../../kit/collect/run.js';
import type { ProgramConstants } from '../../opml/machine/state.js';

/** Answers each expression, in order. In them `hex`, `bytes` and `require` can be used. */
export type Ask = (expressions: readonly string[]) => string[];

export interface Dialect {
  readonly name: string;
  /** Undefined where this Lua is missing. */
  readonly ask: Ask | undefined;
}

const FOLDER = new URL('../../processes/arbiter/', import.meta.url);
const RUNNER = new URL('arbiter-machine-lua.lua', import.meta.url);
const LUA53 = ['lua5.3', 'lua53'].find((name) => spawnSync(name, ['-v']).status === 0);

/** Corral's Lua machine, which also counts gas. */
export function createArbiterMachine(extra: readonly LuaFile[] = []): LuaMachine {
  const modules = readdirSync(FOLDER).map((file) => ({
    name: `arbiter.${file.replace(/\.lua$/, '')}`,
    source: readFileSync(new URL(file, FOLDER), 'utf8'),
  }));
  const runner = { name: 'runner', source: readFileSync(RUNNER, 'utf8') };
  const files = [...extra, ...modules, runner];
  const watch = collectorOfRun()?.lines?.hook;
  return createMachine(createImage(compileLua(), { files, entry: 'runner', watch }), { watch });
}

function askMachine(): Ask {
  const machine = createArbiterMachine();
  return (expressions) => split(machine.evaluate(expressions.join('\n'), ''), expressions.length);
}

function askSystem(command: string): Ask {
  const args = [fileURLToPath(RUNNER), fileURLToPath(FOLDER)];
  return (expressions) => {
    const input = expressions.join('\n');
    const { stdout, stderr, status } = spawnSync(command, args, { input, maxBuffer: 2 ** 28 });
    if (status !== 0) throw new Error(`${command} ended with ${status}: ${stderr}`);
    return split(String(stdout), expressions.length);
  };
}

function split(text: string, count: number): string[] {
  const answers = text.split('\n').slice(0, -1);
  if (answers.length !== count) throw new Error(`${answers.length} answers to ${count} questions`);
  return answers;
}

if (LUA53 === undefined) process.stderr.write('No lua5.3 here: its tests are skipped.\n');

export const DIALECTS: readonly Dialect[] = [
  { name: 'the Lua machine', ask: askMachine() },
  { name: 'Lua 5.3 of the system', ask: LUA53 === undefined ? undefined : askSystem(LUA53) },
];

export const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

export type LuaValue =
  | string
  | number
  | bigint
  | boolean
  | Uint8Array
  | readonly LuaValue[]
  | { readonly [key: string]: LuaValue | undefined };

/** A Lua expression for a value; a text becomes its UTF-8, a bigint the integer of its 64 bits. */
export function toLua(value: LuaValue): string {
  if (typeof value === 'string') return `bytes'${toHex(Buffer.from(value))}'`;
  if (typeof value === 'bigint') return `(${BigInt.asIntN(64, value)})`;
  if (typeof value !== 'object') return String(value);
  if (value instanceof Uint8Array) return `bytes'${toHex(value)}'`;
  if (isList(value)) return `{${value.map(toLua).join(', ')}}`;
  const fields = Object.entries(value).flatMap(([key, field]) =>
    field === undefined ? [] : [`['${key}']=${toLua(field)}`],
  );
  return `{${fields.join(', ')}}`;
}

const isList = (value: object): value is readonly LuaValue[] => Array.isArray(value);

/** A Lua expression that calls a function of one of the arbiter's modules: `merkle.listRoot`. */
export function luaCall(path: string, ...parameters: readonly LuaValue[]): string {
  const [module = '', name] = path.split('.');
  const called = name === undefined ? '' : `.${name}`;
  return `require'arbiter.${module}'${called}(${parameters.map(toLua).join(', ')})`;
}

/** What the arbiter is told of a program. */
export function describeProgram(program: ProgramConstants) {
  const { codeRoot, vocabularyRoot, weightsRoot, codeLength, entryPc, bounds } = program;
  return {
    codeRoot: toHex(codeRoot),
    vocabularyRoot: toHex(vocabularyRoot),
    weightsRoot: toHex(weightsRoot),
    codeLength,
    entryPc,
    bounds: { ...bounds },
  };
}

/** A Lua expression that judges a witness: the next state's hash and "detail", or nil and why. */
export function luaVerify(
  trial: { program: ProgramConstants; inputRoot: Uint8Array; before: Uint8Array },
  witness: Uint8Array,
): string {
  const given = [describeProgram(trial.program), trial.inputRoot, trial.before, witness];
  return `verify(${given.map(toLua).join(', ')})`;
}
