/**
 * Verifying what the units note beside the logs, as far as it follows from them: which processes have
 * crons that time makes due, and the last moment of the clock. Whom somebody monitors follows from
 * nothing; only how far that has come can be compared.
 */
import { LAST_MOMENT } from '../network-clock.js';
import type { NetworkPorts } from '../network-ports.js';
import type { ProcessRecord } from '../scheduler/process-record.js';

export interface NotesOptions
  extends Pick<NetworkPorts, 'log' | 'results' | 'timed' | 'monitors' | 'counters'> {
  /** @throws {UNKNOWN_PROCESS} */
  readonly requireProcess: (id: string) => ProcessRecord;
}

/** @returns what is wrong, in words */
export function verifyNotes(options: NotesOptions, process: string): string[] {
  const { log, results, timed, monitors, counters, requireProcess } = options;
  const problems: string[] = [];
  const isTimed = requireProcess(process).crons.some(({ kind }) => kind === 'time');
  if (isTimed && !timed.has(process)) problems.push('it has crons, and is not noted in "timed"');
  if (!isTimed && timed.has(process)) problems.push('it is noted in "timed", and has no crons');
  const [dealtWith, evaluations] = [monitors.get(process) ?? 0, results.next(process)];
  if (dealtWith > evaluations)
    problems.push(`"monitors" says ${dealtWith} evaluations of it, there are ${evaluations}`);
  const last = log.at(process, log.next(process) - 1)?.timestampMs ?? 0;
  const moment = counters.get(LAST_MOMENT);
  if (moment === undefined || moment < last)
    problems.push(`the clock in "counters" is at ${moment}, before its last message at ${last}`);
  return problems;
}
