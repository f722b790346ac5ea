/**
 * Recalling: what a process was given so far, once more and in order, for who evaluates it again on a
 * machine of his own. Nothing of the network's state is touched.
 */
import type { Gateway } from '../../arlocal/gateway.js';
import { invariant } from '../errors.js';
import type { Device } from '../lua/device.js';
import type { Log, LogEntry } from '../ports.js';
import type { ProcessRecord } from '../scheduler/process-record.js';
import type { Evaluation } from './evaluation.js';
import { requireWhole } from './forgetting.js';
import type { Life } from './host.js';
import { environmentJson } from './message-json.js';
import type { Program } from './modules.js';
import { type Input, outstanding, resumeProgress } from './progress.js';

/** The life of a process as a sequence of evaluations. */
export interface Recall {
  readonly life: Life;
  /** Evaluations made so far. */
  readonly length: number;
  evaluation(index: number): Evaluation | undefined;
  /** Index of the evaluation of a message; of a cron by `<interval>@<ms>`. */
  find(id: string): number | undefined;
  /** What it was given from one evaluation on, as far as they are made. */
  inputs(from: number): Generator<Input>;
  /** New devices for a machine of its own. */
  devices(): Promise<readonly Device[]>;
}

export interface RecallOptions {
  readonly gateway: Gateway;
  readonly log: Log<LogEntry>;
  readonly results: Log<Evaluation>;
  /** Address of the messenger unit. */
  readonly messenger: string;
  /** @throws {MODULE_NOT_FOUND, NOT_A_MODULE, BAD_MODULE} */
  readonly programOf: (module: string) => Program;
  readonly devicesHere: (life: Life) => Promise<readonly Device[]>;
}

/** @throws {HISTORY_FORGOTTEN} and what `programOf` throws */
export function recallProcess(options: RecallOptions, record: ProcessRecord): Recall {
  const { gateway, log, results, messenger } = options;
  const { id } = record;
  requireWhole(log, id);
  const program = options.programOf(record.module);
  const environment = environmentJson(record, program.item, messenger);
  const life: Life = { id, program, environment };
  return {
    life,
    devices: () => options.devicesHere(life),
    get length() {
      return results.next(id);
    },
    evaluation: (index) => results.at(id, index),
    find: (name) => results.find(id, name),
    *inputs(from) {
      const past = resumeProgress(record, results, from);
      const last = results.at(id, results.next(id) - 1);
      past.goal = last?.nonce ?? -1;
      past.cronGoal = last;
      const inputs = outstanding(past, log, gateway, messenger);
      for (let index = from; index < results.next(id); index++) {
        const { value: input } = inputs.next();
        const { nonce, cron } = results.at(id, index) ?? {};
        const isSame = input?.at.nonce === nonce && input?.at.cron === cron;
        invariant(input && isSame, 'a process is always given the same in the same order');
        yield input;
      }
    },
  };
}
