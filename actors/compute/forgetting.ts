/**
 * Forgetting: a network that is told to keep only its latest messages leaves out older ones, of its
 * logs, its results and its gateway, once the memory of their process was saved: it can be woken
 * without them. Every so many messages what was there the time before goes, so what is kept is between
 * once and twice as many. Processes themselves are never forgotten, nor what is no message, nor the
 * past of those on compute threads.
 */
import type { Gateway } from '../../arlocal/gateway.js';
import type { Entry } from '../../arlocal/store.js';
import { ActorError } from '../errors.js';
import { aoType, tagValue } from '../items/protocol.js';
import type { Log, LogEntry } from '../ports.js';
import type { Computing } from './computing.js';

/** How much of its past a network in memory keeps: all, or so many of its latest messages. */
export type HistoryBound = 'all' | { readonly messages: number };

export interface Forgetting {
  /** An evaluation was stored. */
  note(): void;
  /** To be called when a process has nothing more to do for now. */
  tidy(core: Computing): void;
}

/** @throws {HISTORY_NEEDS_MEMORY} */
export function createForgetting(
  gateway: Gateway,
  bound: HistoryBound = 'all',
): Forgetting | undefined {
  if (bound === 'all') return undefined;
  gateway.forget(() => false); // refuses where all is kept
  /** Where each log ended the time before. */
  const ends = new Map<string, number>();
  let count = 0;
  return {
    note() {
      count++;
    },
    tidy(core) {
      if (count < bound.messages) return;
      count = 0;
      const { log } = core;
      const kept = new Set<string>();
      for (const process of [...log.processes()]) {
        forgetPast(core, process, ends.get(process) ?? 0);
        ends.set(process, log.next(process));
        for (const { messageId, assignmentId } of log.read(process, 0)) {
          kept.add(messageId).add(assignmentId);
        }
      }
      gateway.forget((item) => isPassing(item) && !kept.has(item.id));
    },
  };
}

/**
 * For who has to know all that a process was given.
 * @throws {HISTORY_FORGOTTEN}
 */
export function requireWhole(log: Log<LogEntry>, process: string): void {
  const start = log.start?.(process) ?? 0;
  if (start === 0) return;
  const text = `all before message ${start} of process ${process} is forgotten`;
  throw new ActorError('HISTORY_FORGOTTEN', text, {
    hint: "Make the network without the option history, or with history: 'all'.",
    details: { process, start },
  });
}

/** Messages and their assignments; what starts a process is none. */
function isPassing(item: Entry): boolean {
  const type = aoType(item);
  if (type === 'Assignment') return tagValue(item.tags, 'Message') !== undefined;
  return type === 'Message';
}

/** Forgets what a process was given up to a position, as far as it was evaluated. */
function forgetPast(core: Computing, process: string, position: number): void {
  const { log, results } = core;
  const evaluated = results.at(process, results.next(process) - 1)?.nonce ?? 0;
  const before = Math.min(position, evaluated);
  if (before <= (log.start?.(process) ?? 0)) return;
  const first = results.find(process, log.at(process, before)?.messageId ?? '');
  if (first === undefined || !isSaved(core, process)) return;
  results.forget?.(process, first);
  log.forget?.(process, before);
}

/** Whether there is a memory of all that a process was given; one that is awake is saved now. */
function isSaved({ known, results, checkpoints }: Computing, process: string): boolean {
  const progress = known.get(process);
  if (progress?.busy || progress?.waking) return false;
  const host = progress?.residence?.host;
  if (!host?.isAwake(process)) return checkpoints.has?.(process) === true;
  const checkpoint = host.takesTime ? undefined : host.capture(process);
  if (checkpoint === undefined || checkpoint instanceof Promise) return false;
  checkpoints.keep?.(process, { evaluations: results.next(process), checkpoint });
  return true;
}
