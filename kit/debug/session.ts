/**
 * A debug session: one evaluation of a process, walked through forwards and backwards. A stop is a
 * throw out of the line hook, and leaves the memory of the process as it was at that line, to be
 * looked at; every move restores the process and runs it again to another line. The network never
 * knows: what is seen is what happened, and nothing of it can be changed.
 */
import type { EvaluationResult } from '../../actors/compute/result.js';
import { sourceName } from '../inspect/lua-look.js';
import type { Breakpoint } from './breakpoints.js';
import { type Frame, readFrames } from './frames.js';
import { findPlace, type Move } from './moves.js';
import type { Recording } from './recording.js';
import { createRunner } from './runner.js';
import type { Scene } from './scene.js';
import { createStops } from './stops.js';
import {
  createVariables,
  type Evaluated,
  type Scopes,
  type Variable,
  type Variables,
} from './variables.js';

export type Reason = 'start' | 'step' | 'breakpoint' | 'error' | 'end';

/** Where a session stands. */
export interface Stop {
  readonly reason: Reason;
  /** Lines that ran before, of all of them. */
  readonly place: number;
  readonly length: number;
  /** The line that runs next; absent at the end. */
  readonly source?: string;
  readonly line?: number;
  /** Number of the breakpoint, if one is the reason. */
  readonly breakpoint?: number;
  /** Why the breakpoint stops although its condition is not known to be true. */
  readonly doubt?: string;
  /** What fails here, where the message fails. */
  readonly error?: string;
}

export interface DebugSession {
  readonly scene: Scene;
  readonly recording: Recording;
  /** What the evaluation answers. */
  readonly result: EvaluationResult;
  readonly stop: Stop;
  readonly breakpoints: readonly Breakpoint[];
  /** Replaces them all; their numbers are their places in the list, from 1. */
  setBreakpoints(breakpoints: readonly Breakpoint[]): void;
  move(move: Move): Stop;
  /** To the first stop of all, which may be the first line. */
  toFirstStop(): Stop;
  /** To a place of the recording; to its end if it has no such place. */
  goTo(place: number): Stop;
  /** The calls under way, the innermost first; none at the end. */
  frames(): readonly Frame[];
  /** @param frame number in `frames` */
  scopes(frame: number): Scopes;
  /** What a table or a scope has, from `start` on. */
  variables(reference: number, start?: number, count?: number): readonly Variable[];
  /** Evaluates Lua with the variables of a call. What it changes lasts until the next move. */
  evaluate(code: string, frame?: number): Evaluated;
  close(): void;
}

export function openSession(scene: Scene): DebugSession {
  const runner = createRunner(scene);
  const { recording, result, instance } = runner;
  const { length } = recording;
  const isKernel = (source: string) => scene.baseline.sources.has(source);
  let stop: Stop = { reason: 'start', place: 0, length };
  let frames: readonly Frame[] = [];
  let variables: Variables;

  const look = (place: number) => {
    runner.runTo(place);
    frames = place < length ? readFrames(instance, runner.states(), isKernel) : [];
    variables = createVariables({ instance, frames, baseline: scene.baseline });
  };
  const arrive = (place: number, reason: Reason, breakpoint?: number, doubt?: string): Stop => {
    look(place);
    if (place >= length) {
      stop = { reason: 'end', place: length, length };
      return stop;
    }
    stop = {
      reason,
      place,
      length,
      source: sourceName(recording.source(place)),
      line: recording.line(place),
      ...(breakpoint === undefined ? {} : { breakpoint }),
      ...(doubt === undefined ? {} : { doubt }),
      ...(place === recording.failure && result.error ? { error: result.error.text } : {}),
    };
    return stop;
  };
  const stops = createStops(runner, (condition, gas) => {
    const calls = readFrames(instance, runner.states(), isKernel);
    const here = createVariables({ instance, frames: calls, baseline: scene.baseline });
    return here.evaluate(condition, 0, gas);
  });
  const goOn = (direction: 'forwards' | 'backwards', from = stop.place): Stop => {
    const found = stops.find(from, direction);
    if (!found) return arrive(direction === 'forwards' ? length : 0, 'start');
    const { place, number, doubt } = found;
    const reason = stops.all[number - 1]?.kind === 'error' ? 'error' : 'breakpoint';
    return arrive(place, reason, number, doubt);
  };

  arrive(0, 'start');
  return {
    scene,
    recording,
    result,
    get stop() {
      return stop;
    },
    get breakpoints() {
      return stops.all;
    },
    setBreakpoints: stops.set,
    move(move) {
      if (move === 'continue') return goOn('forwards');
      if (move === 'reverse') return goOn('backwards');
      return arrive(findPlace(recording, stop.place, move), 'step');
    },
    toFirstStop: () => goOn('forwards', -1),
    goTo: (place) => arrive(Math.max(0, Math.min(place, length)), 'step'),
    frames: () => frames,
    scopes: (frame) => variables.scopes(frame),
    variables: (reference, start, count) => variables.list(reference, start, count),
    evaluate(code, frame = 0) {
      const evaluated = variables.evaluate(code, frame);
      if (evaluated.broken) look(stop.place);
      return evaluated;
    },
    close: runner.close,
  };
}
