/**
 * Verifying results and states: a process is given its whole log again, from nothing, and must answer
 * as it did. Then it is woken from its checkpoint, and must have come to the same state.
 */
import { createCompute } from '../compute/compute.js';
import type { ComputeOptions } from '../compute/computing.js';
import { type Evaluation, evaluationId } from '../compute/evaluation.js';
import type { Hosts } from '../compute/hosts.js';
import type { NetworkEvent } from '../events.js';
import { createMemoryCheckpoints, createMemoryLog } from '../memory-ports.js';
import type { Checkpoints, Log, LogEntry } from '../ports.js';
import type { Moment } from '../scheduler/cron.js';

export interface ReplayOptions
  extends Pick<ComputeOptions, 'gateway' | 'requireProcess' | 'programOf' | 'messenger'> {
  readonly hosts: Hosts;
  readonly results: Log<Evaluation>;
  readonly checkpoints: Checkpoints;
}

/** Where a process first differs from what is stored of it. */
export interface Difference {
  /** Of the message, or of the one before a cron; undefined for the state. */
  readonly nonce?: number | undefined;
  readonly problem: string;
}

/**
 * @param entries the log of the process, as far as it is whole
 * @param remark told of what is no fault: gas that was counted otherwise
 */
export async function replayProcess(
  options: ReplayOptions,
  process: string,
  entries: readonly LogEntry[],
  remark: (text: string) => void,
): Promise<Difference | undefined> {
  const { results } = options;
  const last = results.at(process, results.next(process) - 1);
  if (!last) return checkUntouched(options, process);
  if (last.nonce >= entries.length) {
    return {
      nonce: entries.length,
      problem: 'it has results of messages that it was not assigned',
    };
  }
  const log = createMemoryLog<LogEntry>(({ messageId }) => messageId);
  log.append(process, 0, entries.slice(0, last.nonce + 1));
  const past = { log, now: () => last };
  const fresh = createMemoryLog<Evaluation>(evaluationId);
  const replayed = await stateOf(options, process, past, {
    results: fresh,
    checkpoints: createMemoryCheckpoints(),
  });
  const difference = compareResults(process, results, fresh, remark);
  if (difference) return difference;
  if (fresh.next(process) > results.next(process)) return undefined; // crons of the last moment
  const restored = await stateOf(options, process, past, options);
  if (restored.problem !== undefined) return { problem: restored.problem };
  if (restored.hash === replayed.hash) return undefined;
  return { problem: 'its checkpoint leads to another state than its log' };
}

/** Nobody has asked the process for anything yet: then it has come to no state that could be saved. */
function checkUntouched({ checkpoints }: ReplayOptions, process: string): Difference | undefined {
  if (checkpoints.take(process) === undefined) return undefined;
  return { problem: 'it has a checkpoint, and no results that lead to it' };
}

interface Past {
  readonly log: Log<LogEntry>;
  readonly now: () => Moment;
}

/** The state after all of the past, and what went wrong on the way to it. */
async function stateOf(
  options: ReplayOptions,
  process: string,
  past: Past,
  { results, checkpoints }: Pick<ReplayOptions, 'results' | 'checkpoints'>,
): Promise<{ hash: string; problem: string | undefined }> {
  const { gateway, requireProcess, programOf, messenger, hosts } = options;
  let problem: string | undefined;
  const emit = (event: NetworkEvent) => {
    if (event.type === 'error' && STATE_CODES.has(event.error.code)) problem ??= event.error.text;
  };
  const shared = { gateway, requireProcess, programOf, messenger, hostOf: hosts.hostOf, emit };
  const compute = createCompute({ ...shared, ...past, results, checkpoints: toRead(checkpoints) });
  try {
    return { hash: await compute.stateHash(process), problem };
  } finally {
    hosts.hostOf(programOf(requireProcess(process).module)).drop(process);
  }
}

/** What waking a process tells of a checkpoint that is of no use. */
const STATE_CODES: ReadonlySet<string> = new Set([
  'CHECKPOINT_DAMAGED',
  'CHECKPOINT_FOREIGN',
  'CHECKPOINT_INVALID',
  'REPLAY_DIFFERS',
  'STORE_DAMAGED',
]);

function toRead(checkpoints: Checkpoints): Checkpoints {
  return { lasting: false, take: checkpoints.take, put: () => undefined };
}

function compareResults(
  process: string,
  stored: Log<Evaluation>,
  replayed: Log<Evaluation>,
  remark: (text: string) => void,
): Difference | undefined {
  const counted: number[] = []; // nonces of results that differ in gas alone
  for (let index = 0; index < stored.next(process); index++) {
    const [was, is] = [stored.at(process, index), replayed.at(process, index)];
    const field = differingField(withoutGas(was), withoutGas(is));
    if (field === undefined) {
      if (was && was.result.gas !== is?.result.gas) counted.push(was.nonce);
      continue;
    }
    const what = was?.cron === undefined ? 'the result' : `the result of the cron ${was.cron}`;
    const where = field === '' ? '' : ` in ${field}`;
    return { nonce: was?.nonce, problem: `${what} differs${where}` };
  }
  if (counted.length > 0)
    remark(
      `gas of ${counted.length} results is counted otherwise, the first at nonce ${counted[0]}`,
    );
  return undefined;
}

/** Gas follows from the meter, which changes from one Corral to the next; nothing else follows from it. */
function withoutGas(evaluation: Evaluation | undefined): unknown {
  return evaluation && { ...evaluation, result: { ...evaluation.result, gas: undefined } };
}

/** Path of the first field in which two plain values differ; undefined if they are equal. */
function differingField(a: unknown, b: unknown): string | undefined {
  if (JSON.stringify(a) === JSON.stringify(b)) return undefined;
  if (!isObject(a) || !isObject(b)) return '';
  for (const name of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const inner = differingField(a[name], b[name]);
    if (inner !== undefined) return inner === '' ? name : `${name}.${inner}`;
  }
  return undefined; // the same fields in another order
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
