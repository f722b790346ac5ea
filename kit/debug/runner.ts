/**
 * Runs one evaluation again and again on a machine of its own: once as a whole, to record its lines,
 * then up to any of them.
 */
import { type EvaluationResult, failedResult, readReply } from '../../actors/compute/result.js';
import { reportError } from '../../actors/errors.js';
import type { LuaInstance } from '../../actors/lua/instance.js';
import type { LineHook } from '../../actors/lua/line-hook.js';
import { createMachine } from '../../actors/lua/machine.js';
import { createRecorder, createThreads, PLACES_MAX, type Recording } from './recording.js';
import type { Scene } from './scene.js';

export interface Runner {
  readonly recording: Recording;
  readonly result: EvaluationResult;
  /** The memory; after `runTo` it is that of the process at that line. */
  readonly instance: LuaInstance;
  /** Runs up to a place, and to the end if there is no such place. */
  runTo(place: number): void;
  /**
   * Runs on from place to place of those given, ascending; at each, Lua may be run as after `runTo`,
   * and is undone before the message goes on. Ends when `look` says so, or behind the last.
   * @param look false to end it
   */
  visit(places: readonly number[], look: (place: number) => boolean): void;
  /** The coroutines under way after `runTo` and in `visit`, the innermost first. */
  states(): number[];
  close(): void;
}

/** Thrown out of the hook at the line that is wanted. */
class Halt extends Error {
  override readonly name = 'Halt';
}

export function createRunner(scene: Scene): Runner {
  const { image, devices, checkpoint, limits, baseline } = scene;
  let hook: LineHook = () => undefined;
  const watch: LineHook = (state, source, line) => hook(state, source, line);
  const machine = createMachine(image, { limits, devices, checkpoint, watch });
  const instance = machine.lend((lent) => lent);
  const threads = createThreads(instance);
  const isKernel = (source: string) => baseline.sources.has(source);
  let saved = Buffer.alloc(0);

  /** Does something in the middle of a run, and puts the memory back as it was. */
  const undone = (look: () => boolean): boolean =>
    machine.lend(() => {
      const before = instance.buffer;
      const length = before.length;
      if (saved.length < length) saved = Buffer.allocUnsafe(length);
      before.copy(saved, 0, 0, length);
      const goesOn = look();
      saved.copy(instance.buffer, 0, 0, length);
      return goesOn;
    });

  /** @returns what the evaluation answers; nothing if the hook halted it */
  const run = (): EvaluationResult | undefined => {
    threads.reset();
    const { json, environment, timestampMs } = scene;
    try {
      const reply = machine.evaluate(json, environment, timestampMs);
      return readReply(reply, machine.instructionsUsed);
    } catch (error) {
      if (error instanceof Halt) return undefined;
      const report = reportError(error, 'EVALUATION_FAILED');
      return failedResult({ ...report, value: report.text }, machine.instructionsUsed);
    }
  };
  const recordAll = () => {
    const recorder = createRecorder(threads, { isKernel, capture: findCapture(scene) });
    hook = (state, source, line) => {
      if (!recorder.take(state, source, line)) throw new Halt();
    };
    const result = run();
    const outcome = { failed: Boolean(result?.error), complete: result !== undefined };
    const recording = recorder.finish(outcome);
    return { recording, result: result ?? failedResult(TOO_MANY) };
  };
  const { recording, result } = recordAll();
  return {
    recording,
    result,
    instance,
    runTo(place) {
      let left = place;
      hook = (state, source) => {
        threads.enter(state);
        if (isKernel(source)) return;
        if (left === 0) throw new Halt();
        left--;
      };
      machine.restore(checkpoint);
      run();
    },
    visit(places, look) {
      let at = 0;
      let next = 0;
      hook = (state, source) => {
        threads.enter(state);
        if (isKernel(source)) return;
        if (next >= places.length) throw new Halt();
        if (at++ !== places[next]) return;
        next++;
        if (!undone(() => look(at - 1))) throw new Halt();
      };
      if (places.length === 0) return;
      machine.restore(checkpoint);
      run();
    },
    states: threads.states,
    close: () => machine.dispose(),
  };
}

const TOO_MANY_TEXT = `the message runs more lines than are recorded: only the first ${PLACES_MAX}`;
const TOO_MANY = { code: 'TOO_MANY_LINES', text: TOO_MANY_TEXT, value: TOO_MANY_TEXT };

/** Where the kernel is told of an error: the first and last line of that function. */
function findCapture({ files }: Scene) {
  const source = '.trace';
  const lines = files.find(({ name }) => name === source)?.source.split('\n') ?? [];
  const start = lines.findIndex((line) => line.startsWith('function trace.capture('));
  const length = lines.slice(start).indexOf('end');
  return { source, from: start + 1, to: start < 0 ? 0 : start + length + 1 };
}
