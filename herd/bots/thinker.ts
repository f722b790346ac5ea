/**
 * A bot's own computation: from a job's model and input to the next move. It is the only part of a bot
 * that takes long, so it sits behind a port of one call: here in the caller's thread, in
 * thinker-thread.ts on one of its own.
 */

import type { AnswerInput } from '../../llama/program.js';
import { openProgram } from '../../llama/program.js';
import { readConstants } from '../../opml/claim.js';
import type { Dispute, Role } from '../../opml/game.js';
import type { ProgramConstants } from '../../opml/machine/state.js';
import { type Decision, decideMove } from '../../opml/play.js';
import { createTracer, type Tracer } from '../../opml/tracer.js';

/** What an answer is computed from. */
export interface Job {
  /** Id of the model's data item. */
  readonly model: string;
  readonly input: AnswerInput;
}

export interface Thinker {
  /** What the party does next. @throws what opening the model and running it throw */
  decide(dispute: Dispute, role: Role, job: Job): Promise<Decision>;
  close(): Promise<void>;
}

/** Gives a model's file. */
export type ReadModel = (id: string) => Promise<Uint8Array>;

/** Makes the tracer of a job; a dishonest party's makes another one. */
export type OpenTracer = (model: Uint8Array, input: AnswerInput) => Tracer;

/** Computations kept for the moves to come: each holds the memory of a whole model. */
const MAX_TRACERS = 2;

/** Opens honest tracers, and hashes the weights of each model (20 ms a MB) but once. */
export function createHonestOpener(): OpenTracer {
  const known = new WeakMap<Uint8Array, ProgramConstants>();
  return (model, input) => {
    const program = openProgram(model);
    const constants = known.get(model) ?? readConstants(program);
    known.set(model, constants);
    return createTracer(program, input, constants);
  };
}

/** Thinks in the caller's thread: a long computation holds up everything else there. */
export function createThinker(readModel: ReadModel, open = createHonestOpener()): Thinker {
  const tracers = createTracers(open);
  return {
    async decide(dispute, role, job) {
      const tracer = await tracers(dispute.claim.inputRoot, job, readModel);
      return decideMove(dispute, role, tracer);
    },
    close: async () => undefined,
  };
}

/** Tracers by model and question, those used last: a question that is claimed often is computed once. */
export function createTracers(open: OpenTracer) {
  const kept = new Map<string, Tracer>(); // in the order of their last use
  const models = new Map<string, Uint8Array>(); // that could be opened
  return async (question: string, { model, input }: Job, readModel: ReadModel): Promise<Tracer> => {
    const key = `${model} ${question}`;
    let tracer = kept.get(key);
    if (tracer === undefined) {
      const bytes = models.get(model) ?? (await readModel(model));
      tracer = open(bytes, input);
      models.set(model, bytes);
    }
    kept.delete(key);
    kept.set(key, tracer);
    const [oldest] = kept.keys();
    if (kept.size > MAX_TRACERS && oldest !== undefined) kept.delete(oldest);
    return tracer;
  };
}
