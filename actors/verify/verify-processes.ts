/**
 * Verifying the processes of a network that does not run: their logs, their results and states, and
 * what they sent, each computed again from what was signed.
 */
import type { Gateway } from '../../arlocal/gateway.js';
import type { Wallet } from '../../arlocal/wallet.js';
import { createVirtualClock } from '../clock.js';
import { createHosts } from '../compute/hosts.js';
import { type Program, readModule } from '../compute/modules.js';
import type { DeviceSpec } from '../compute/thread-protocol.js';
import { createWorkshop } from '../compute/workshop.js';
import { reportError } from '../errors.js';
import { createEvents } from '../events.js';
import { DEFAULT_LIMITS } from '../limits.js';
import { createPorts } from '../network-ports.js';
import { createScheduler } from '../scheduler/scheduler.js';
import { type VerifiedLog, verifyLogs } from './assignments.js';
import { verifyNotes } from './notes.js';
import { verifyOutboxes } from './outboxes.js';
import { type ReplayOptions, replayProcess } from './replay-process.js';

export interface VerifyProcessesOptions {
  /** Over a store with records; nothing is written to it. */
  readonly gateway: Gateway;
  readonly schedulerWallet: Wallet;
  /** Address of the messenger unit. */
  readonly messenger: string;
  readonly devices: readonly DeviceSpec[];
  /** Told before each process. */
  readonly onProgress?: ((done: number, total: number, process: string) => void) | undefined;
}

/** What verifying a process came to. */
export interface ProcessVerdict {
  readonly id: string;
  readonly name?: string | undefined;
  readonly assignments: number;
  readonly evaluations: number;
  /** Empty if all is as it should be. */
  readonly differences: readonly ProcessDifference[];
  /** What is no fault: gas that another Corral counted otherwise. */
  readonly remarks: readonly string[];
}

export interface ProcessDifference {
  /** First nonce that is concerned, where that is known. */
  readonly nonce?: number | undefined;
  readonly problem: string;
}

export async function verifyProcesses(
  options: VerifyProcessesOptions,
): Promise<readonly ProcessVerdict[]> {
  const { gateway, messenger, onProgress } = options;
  const tools = createTools(options);
  const logs = [...verifyLogs(gateway, options.schedulerWallet.address, tools.ports.log)];
  const verdicts: ProcessVerdict[] = [];
  try {
    for (const [done, log] of logs.entries()) {
      onProgress?.(done, logs.length, log.process);
      verdicts.push(await verifyProcess(tools, messenger, log));
    }
  } finally {
    await tools.replay.hosts.close();
  }
  return verdicts;
}

type Tools = ReturnType<typeof createTools>;

async function verifyProcess(
  { replay, ports, requireProcess }: Tools,
  messenger: string,
  { process, entries, fault }: VerifiedLog,
): Promise<ProcessVerdict> {
  const differences: ProcessDifference[] = fault ? [fault] : [];
  const remarks: string[] = [];
  let name: string | undefined;
  try {
    name = requireProcess(process).name;
    const difference = await replayProcess(replay, process, entries, (remark) =>
      remarks.push(remark),
    );
    if (difference) differences.push(difference);
    const sending = { ...ports, gateway: replay.gateway, messenger, requireProcess };
    const problems = [...verifyNotes(sending, process), ...verifyOutboxes(sending, process)];
    differences.push(...problems.map((problem) => ({ problem })));
  } catch (error) {
    differences.push({ problem: reportError(error, 'COMPUTE_FAILED').text });
  }
  const evaluations = ports.results.next(process);
  return { id: process, name, assignments: entries.length, evaluations, differences, remarks };
}

/** The parts of a network that read. */
function createTools({ gateway, schedulerWallet, messenger, devices }: VerifyProcessesOptions) {
  const ports = createPorts(gateway, schedulerWallet.address);
  const clock = createVirtualClock();
  const source = createEvents();
  const emit = () => undefined;
  const { log, results, checkpoints } = ports;
  const scheduler = createScheduler({ gateway, wallet: schedulerWallet, clock, log, emit });
  const { requireProcess } = scheduler;
  const programs = new Map<string, Program>();
  const programOf = (id: string): Program => {
    const program = programs.get(id) ?? readModule(gateway, id, DEFAULT_LIMITS);
    programs.set(id, program);
    return program;
  };
  const replay: ReplayOptions = {
    gateway,
    requireProcess,
    programOf,
    messenger,
    results,
    checkpoints,
    hosts: createHosts({
      workshop: createWorkshop(),
      gateway,
      clock,
      limits: DEFAULT_LIMITS,
      threads: 1,
      devices,
      source,
      onSleep: emit,
    }),
  };
  return { ports, requireProcess, replay };
}
