/**
 * The Lua machine in which a test file runs. Calls of the network read synchronously in Lua: the
 * test's coroutine yields, what it asked for is done here, and it is resumed with the answer. The
 * machine's memory can be kept and restored between two jobs, so that every test finds the
 * variables of its file as `before` left them.
 */
import type { Checkpoint } from '../../actors/lua/checkpoint.js';
import { type Device, results } from '../../actors/lua/device.js';
import type { LuaEngine } from '../../actors/lua/engine.js';
import { LimitError } from '../../actors/lua/errors.js';
import { createImage, type MemoryImage } from '../../actors/lua/image.js';
import type { LineHook } from '../../actors/lua/line-hook.js';
import { createMachine, type LuaMachine } from '../../actors/lua/machine.js';
import type { LuaValue } from '../../actors/lua/values.js';
import { readKernel } from '../../herd/modules.js';
import { readPackageText } from '../../herd/package-root.js';
import { type Failure, type Frame, failureOf } from './failure.js';

export type Job =
  | { readonly kind: 'read'; readonly path: string; readonly source: string }
  | { readonly kind: 'prepare' | 'run'; readonly id: number };

/** A file that `require` found, or where it was looked for. */
export type FoundModule =
  | { readonly path: string; readonly source: string }
  | { readonly tried: readonly string[] };

/** What a test may ask for, and where it runs. */
export interface TestHost {
  /**
   * Does what a test asked for. What it throws is the failure of the test.
   * @param at number of the network: 0 is that of the test, others are forks
   */
  call(at: number, name: string, args: readonly LuaValue[]): Promise<LuaValue>;
  /** A part of what is kept here under a number. */
  look(ref: LuaValue, part: string): LuaValue;
  findModule(name: string): FoundModule;
  print(text: string): void;
  /** What `os.time()` says in the test, ms since 1970. */
  now(): number;
}

export type Outcome =
  | { readonly value: LuaValue; readonly failure?: undefined }
  | { readonly failure: Failure };

export interface TestMachine {
  /** Runs a job to its end, in memory that was kept, or in that of a new machine. */
  run(job: Job, from?: Checkpoint): Promise<Outcome>;
  /** The memory as the last job left it. */
  keep(): Checkpoint;
  dispose(): void;
}

const HOST = 'corral.host';
const DSL = [
  ...['where', 'failure', 'show', 'call', 'handles', 'like', 'matchers', 'values'],
  ...['host-matchers', 'expect', 'suite', 'network', 'require', 'main'],
];
/** Files of the kernel that make a process; without one they are of no use. */
const PROCESS_FILES = new Set([
  ...['.ao', '.assignment', '.boot', '.chance', '.console', '.default', '.envelope', '.eval'],
  ...['.handlers', '.handlers-utils', '.main', '.process', '.trace'],
]);

/**
 * Gas from one call of the network to the next, about a second: what takes longer is a loop without
 * an end. Memory as any process may have.
 */
const LIMITS = { instructions: 200_000_000, memoryBytes: 512 * 1024 * 1024 };
/** Lines that are watched to find where a loop is. */
const LINES_WATCHED = 1_000_000;

/** The machine as it is before any test file was read; made once for all of them. */
export function createTestImage(engine: LuaEngine): MemoryImage {
  const libraries = readKernel().files.filter(({ name }) => !PROCESS_FILES.has(name));
  const own = DSL.map((name) => ({
    name: `corral.${name}`,
    source: readPackageText(`kit/lua-tests/dsl/${name}.lua`),
  }));
  const files = [...libraries, ...own];
  const shape = { name: HOST, functions: createHostDevice(UNUSED, { job: undefined }).functions };
  return createImage(engine, { files, entry: 'corral.main', devices: [shape] });
}

/** What passes between the host and one job. */
interface Desk {
  job: Job | undefined;
  asked?: { readonly at: number; readonly name: string; readonly args: readonly LuaValue[] };
  answer?: Answer;
  outcome?: Outcome;
  /** While a job is run once more, to look at it: what it prints was printed before. */
  isRepeated?: boolean;
}

interface Answer {
  readonly problem?: Failure;
  readonly value?: LuaValue;
  readonly nowMs: number;
}

/** @param watch told of every line that the tests run, those of files that they require too */
export function createTestMachine(
  image: MemoryImage,
  host: TestHost,
  watch?: LineHook,
): TestMachine {
  const desk: Desk = { job: undefined };
  const devices = [createHostDevice(host, desk)];
  const machine = createMachine(image, { devices, limits: LIMITS, ...(watch && { watch }) });
  return {
    async run(job, from) {
      desk.job = job;
      delete desk.outcome;
      machine.restore(from);
      const startMs = host.now();
      const answers: Answer[] = [];
      try {
        let step = machine.evaluate('begin', '', startMs);
        while (step === 'asks') {
          desk.answer = await answer(host, desk);
          answers.push(desk.answer);
          step = machine.evaluate('go on', '', desk.answer.nowMs);
        }
      } catch (error) {
        if (!(error instanceof LimitError)) throw error;
        if (error.code !== 'INSTRUCTION_LIMIT') return { failure: failureOf(error) };
        machine.restore(from);
        const place = findLoop(machine, desk, startMs, answers);
        machine.restore(from);
        machine.watch(watch);
        return { failure: endless(error, place) };
      }
      return desk.outcome ?? { value: undefined };
    },
    keep: () => machine.checkpoint(),
    dispose: () => machine.dispose(),
  };
}

async function answer(host: TestHost, { asked }: Desk): Promise<Answer> {
  try {
    const { at, name, args } = asked ?? { at: 0, name: '', args: [] };
    const value = await host.call(at, name, args);
    return { value, nowMs: host.now() };
  } catch (error) {
    return { problem: failureOf(error), nowMs: host.now() };
  }
}

/**
 * Runs a job that does not end once more, with the answers that it got, and watches the lines of
 * what comes after the last of them. The machine is dirty and watched afterwards.
 */
function findLoop(
  machine: LuaMachine,
  desk: Desk,
  startMs: number,
  answers: readonly Answer[],
): Frame | undefined {
  let last: Frame | undefined;
  let seen = 0;
  const watch: LineHook = (_, source, line) => {
    if (source.startsWith('@')) last = { file: source.slice(1), line };
    seen += 1;
    if (seen > LINES_WATCHED) throw new Error('seen enough');
  };
  desk.isRepeated = true;
  const evaluate = (command: string, nowMs: number, isLast: boolean) => {
    machine.watch(isLast ? watch : undefined);
    machine.evaluate(command, '', nowMs);
  };
  try {
    evaluate('begin', startMs, answers.length === 0);
    for (const [index, known] of answers.entries()) {
      desk.answer = known;
      evaluate('go on', known.nowMs, index === answers.length - 1);
    }
  } catch (error) {
    if (last === undefined) throw error;
  } finally {
    desk.isRepeated = false;
  }
  return last;
}

function endless({ code }: LimitError, last: Frame | undefined): Failure {
  return {
    text: 'the test does not come to an end: a loop in it never stops',
    hint: 'It computed for a second without a call of the network; this is where it was.',
    code,
    frames: last === undefined ? [] : [last],
  };
}

/** The functions of `require("corral.host")`, see dsl/call.lua and dsl/main.lua. */
function createHostDevice(host: TestHost, desk: Desk): Device {
  return {
    name: HOST,
    functions: {
      job: () => desk.job as LuaValue,
      ask: (at, name, ...args) => {
        desk.asked = { at: Number(at), name: String(name), args };
        return undefined;
      },
      answer: () => results(desk.answer?.problem as LuaValue, desk.answer?.value),
      finish: (failure, value) => {
        desk.outcome =
          failure === undefined ? { value } : { failure: failure as unknown as Failure };
        return undefined;
      },
      look: (ref, part) => host.look(ref, String(part)),
      find_module: (name) => host.findModule(String(name)),
      print: (text) => {
        if (!desk.isRepeated) host.print(String(text));
        return undefined;
      },
    },
    save: () => new Uint8Array(),
    restore: () => undefined,
  };
}

const UNUSED: TestHost = {
  call: () => Promise.resolve(undefined),
  look: () => undefined,
  findModule: () => ({ tried: [] }),
  print: () => undefined,
  now: () => 0,
};
