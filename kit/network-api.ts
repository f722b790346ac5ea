/**
 * What a network for tests can do: all that a network can, called by names, and what only a test wants.
 * Everything that AO itself could not do says so.
 */
import type { Clock } from '../actors/clock.js';
import type { Page, PageQuery } from '../actors/compute/cursors.js';
import type { HistoryBound } from '../actors/compute/forgetting.js';
import type { DryRunMessage } from '../actors/compute/message-json.js';
import type { EvaluationResult } from '../actors/compute/result.js';
import type { DeviceSpec } from '../actors/compute/thread-protocol.js';
import type { Limits } from '../actors/limits.js';
import type { LocalDevice } from '../actors/lua/device.js';
import type { ActorNetwork, ProcessHandle, Receipt } from '../actors/network.js';
import type { NetworkClock } from '../actors/network-clock.js';
import type { AssignOptions } from '../actors/scheduler/scheduler.js';
import type { Gateway } from '../arlocal/gateway.js';
import type { Block } from '../arlocal/store.js';
import type { Tag } from '../arlocal/tags.js';
import type { Wallet } from '../arlocal/wallet.js';
import type { AdoptRequest } from './adopt/request.js';
import type { SettableValue } from './cheats/lua-literal.js';
import type { WarAmount } from './cheats/mint-war.js';
import type { Collector } from './collect/collector.js';
import type { KitFaults } from './faults.js';
import type { Impersonated, Ref, Sender } from './people/refs.js';
import type { StatePath } from './read/paths.js';
import type { Read, ReadOwn } from './read/read.js';
import type { Snapshot } from './snapshot.js';
import type { Duration, Moment } from './time/durations.js';
import type { Mining } from './time/mining.js';

export interface NetworkOptions {
  /** Fixes every wallet, id and anchor. @default 1 */
  readonly seed?: number | string;
  /** Where time starts. @default 2025-01-01 if it is virtual, now if it is real */
  readonly startAt?: Moment;
  /** Virtual time moves only when told to; real time follows this machine's. @default 'virtual' */
  readonly time?: 'virtual' | 'real';
  /** A clock of your own, instead of the two above. */
  readonly clock?: Clock;
  /** When blocks are mined, besides `mine`. @default { every: '2m' }, as on Arweave */
  readonly mining?: Mining;
  /** A gateway of your own with its own rule of mining, or the URL of one to go on from. */
  readonly gateway?: Gateway | string;
  readonly limits?: Partial<Limits>;
  /**
   * How much of its past it keeps: all, or at least so many of its latest messages. What is older
   * cannot be asked for (HISTORY_FORGOTTEN), and there are no snapshots then. @default 'all'
   */
  readonly history?: HistoryBound;
  /** `manual` delivers one message at a time, by `step`; messages from outside wait too. @default 'auto' */
  readonly crank?: 'auto' | 'manual';
  /** Most compute threads, for processes with devices. @default 2 */
  readonly threads?: number;
  /** Devices on compute threads. @default the one that `require("llama")` gives */
  readonly devices?: readonly DeviceSpec[];
  /** Devices that answer in this thread, in place of those on compute threads. */
  readonly localDevices?: readonly LocalDevice[];
  /**
   * Where to count lines and gas; forks do as well. It changes nothing but the time it takes.
   * @default that of the run, if CORRAL_COVERAGE or CORRAL_GAS is set
   */
  readonly collect?: Collector;
  /** Gives the thread to others now and then in a long crank, e.g. by `setImmediate`. */
  readonly breathe?: () => Promise<void>;
}

/** What a fork may do otherwise than its origin. */
export type ForkOptions = Pick<NetworkOptions, 'crank' | 'mining' | 'limits'>;

/** What a network from a file may do otherwise: its seed and time are in the file. */
export type LoadOptions = Omit<NetworkOptions, 'seed' | 'startAt' | 'time' | 'clock' | 'gateway'>;

export type TagsInput = readonly Tag[] | Readonly<Record<string, string>>;

export interface SpawnRequest {
  /** @default the wallet `owner` */
  readonly from?: Sender;
  /** Tag `Name`. @default that of `file`, if there is one */
  readonly name?: string;
  /** Lua to start with. A boot that fails throws. */
  readonly source?: string;
  /** Lua file to start with; what it requires from beside it comes along. A boot that fails throws. */
  readonly file?: string;
  /** @default Corral's own kernel */
  readonly module?: string;
  /** Scheduler and Authority are added unless given. */
  readonly tags?: TagsInput;
  /** Data of the Process item, if neither `source` nor `file` is. */
  readonly data?: string | Uint8Array;
  /** Pinned id: the process answers at it instead of at its own. */
  readonly id?: string;
}

export interface SendRequest {
  /** A wallet or its name, or what `impersonate` answered. */
  readonly from: Sender;
  /** An id, the name of a process or a wallet, a process or a wallet itself. */
  readonly to: Ref;
  readonly action?: string;
  readonly tags?: TagsInput;
  readonly data?: string | Uint8Array;
  readonly anchor?: string;
}

export type { Receipt };

/** A dry-run, said as a message is. */
export interface DryRunRequest {
  /** @default nobody in particular */
  readonly from?: Sender;
  readonly action?: string;
  readonly tags?: TagsInput;
  readonly data?: string;
}

/** A process of this network. It stays the same through `revert`, if the process was there before. */
export interface Process extends ProcessHandle {
  /** What the spawn set off; of a process that was found, and not spawned here, there is none. */
  readonly spawned: Receipt;
  /** Sends to it. */
  send(request: Omit<SendRequest, 'to'>): Promise<Receipt>;
  /** Evaluates Lua in it, by default as its owner. */
  eval(code: string, from?: Sender): Promise<Receipt>;
  dryRun(message?: DryRunMessage | DryRunRequest): Promise<EvaluationResult>;
  /** What its globals hold; see `Network.read`. */
  readonly read: ReadOwn;
  /** Sets what one of its globals holds; see `Network.setState`. NOT IN AO. */
  setState(path: StatePath, value: SettableValue): Promise<Receipt>;
}

/** A process that was not spawned by the one who asks. */
export type FoundProcess = Omit<Process, 'spawned'>;

/** A process that began on another network. It is fetched when somebody touches it. */
export interface AdoptedProcess extends FoundProcess {
  /**
   * Fetches it now, or what is new of it there, as long as nobody here has sent it anything.
   * @returns how many messages came
   * @throws {LOG_CONFLICT} once it lives here, and what is wrong with what was fetched (see `adopt`)
   */
  load(): Promise<number>;
}

export interface KitClock extends NetworkClock {
  /** Moves time on by that much, stopping for what falls due. @throws {BAD_DURATION, CRON_BACKLOG} */
  advance(duration: Duration): Promise<void>;
  /** Moves time on to a moment. @throws {BAD_MOMENT, CLOCK_BACKWARDS, CRON_BACKLOG} */
  set(moment: Moment): Promise<void>;
  /** Stops real time; it can still be moved. Virtual time stands still anyway. @throws {CLOCK_FOREIGN} */
  freeze(): void;
  /** Lets real time go on from where it stands. @throws {CLOCK_FOREIGN} */
  unfreeze(): void;
  readonly frozen: boolean;
}

export interface Network extends ActorNetwork, AsyncDisposable {
  readonly clock: KitClock;
  /** What is to go wrong: links take names and handles, times are words. NOT IN AO. */
  readonly faults: KitFaults;
  readonly mining: Mining;
  /** Names of processes and wallets by id, for people. */
  readonly names: ReadonlyMap<string, string>;
  /** Id of a process, or address of a wallet. @throws {UNKNOWN_NAME, AMBIGUOUS_NAME} */
  idOf(ref: Ref): string;
  /** Who spawned a process, to sign for it: impersonated unless it is a wallet of this network. */
  ownerOf(process: Ref): Wallet | Impersonated;
  /**
   * Somebody to send from who does not sign: a process, a wallet, or any id. NOT IN AO. Kernels see
   * `From` and `Owner` as if it had signed; the item says otherwise in a tag, and so does the trace
   * (`Delivery.impersonated`).
   * @throws {UNKNOWN_NAME, AMBIGUOUS_NAME, BAD_SENDER}
   */
  impersonate(ref: Ref): Impersonated;
  /**
   * Gives somebody wAR from nowhere, and boots wAR at its own id if it is not there. NOT IN AO.
   * @param amount wAR as text (`'1.5'`), or winston as bigint
   * @throws {BAD_AMOUNT, WAR_REFUSED}
   */
  mintWar(to: Ref, amount: WarAmount): Promise<Receipt>;
  /**
   * Sets what a global of a process holds, or deletes it with undefined. NOT IN AO. It goes through the
   * log as an Eval of the process's owner, so that a replay comes to the same state.
   * @throws {BAD_PATH, STATE_PATH, BAD_STATE_VALUE, NO_OWNER, STATE_NOT_SET}
   */
  setState(process: Ref, path: StatePath, value: SettableValue): Promise<Receipt>;
  /**
   * Brings one process of another network here: its log with every signature verified, and its state
   * by evaluating that log or from the other compute unit's checkpoint. Nothing is fetched before
   * somebody touches it: sends to it, reads it, or is a process that does. What it sent in its past is
   * not sent again; from its first message here on it lives here, by this network's units and time.
   * Touching it throws ADOPT_AWAY, ADOPT_REFUSED, ADOPT_UNREADABLE, ADOPT_SIGNATURE, ADOPT_LOG,
   * ADOPT_SCHEDULER, ADOPT_MODULE or ADOPT_STATE if what is there cannot be had or is not true.
   * NOT IN AO.
   * @throws {BAD_OPTION, ADOPT_EXISTS}
   */
  adopt(request: AdoptRequest): Promise<AdoptedProcess>;
  /** A process that is there already. @throws {UNKNOWN_NAME, AMBIGUOUS_NAME, UNKNOWN_PROCESS} */
  process(ref: Ref): FoundProcess | AdoptedProcess;

  /**
   * Starts a process.
   * @throws {BOOT_FAILED} with the error of Lua, its file and its line
   * @throws {BAD_OPTION, BAD_SENDER, FILE_NOT_FOUND, MODULE_NOT_FOUND, NOT_A_MODULE, INVALID_CRON, PROCESS_EXISTS}
   */
  spawn(request?: SpawnRequest): Promise<Process>;
  /**
   * Sends a message, and waits until everything that it sets off is over.
   * @throws {BAD_SENDER, UNKNOWN_NAME, AMBIGUOUS_NAME, UNKNOWN_PROCESS}
   */
  send(request: SendRequest): Promise<Receipt>;
  /** Evaluates Lua in a process, by default as its owner. */
  eval(process: Ref, code: string, from?: Sender): Promise<Receipt>;
  submit(bytes: Uint8Array): Promise<Receipt>;
  assign(process: Ref, message: string, options?: AssignOptions): Promise<Receipt>;
  dryRun(process: Ref, message?: DryRunMessage | DryRunRequest): Promise<EvaluationResult>;
  /**
   * What a process's globals hold, read from its memory without a message: `Balances.alice`,
   * `Queue[1].fee`, or a list of keys. Nil is undefined. A decoder (`as.integer`, `as.list(as.string)`,
   * ...) gives the answer its type, and refuses anything else. In AO only a program can answer this.
   * @throws {BAD_PATH, STATE_PATH, STATE_TYPE, STATE_TOO_LARGE, STATE_NOT_LUA}
   */
  readonly read: Read;
  result(process: Ref, message: string): Promise<EvaluationResult>;
  results(process: Ref, query?: PageQuery): Page<EvaluationResult>;
  crons(process: Ref, query?: PageQuery): Promise<Page<EvaluationResult>>;
  /** Has the crons of a process sent on as time passes; without it they only run, as on AO. */
  monitor(process: Ref): Promise<void>;
  unmonitor(process: Ref): Promise<void>;
  replay(process: Ref): Promise<string>;
  stateHash(process: Ref): Promise<string>;
  /**
   * All that the network is now, as a plain value; waits until nothing is being evaluated. What waits
   * to be delivered is in it. It can be used any number of times.
   * @throws {SNAPSHOT_NEEDS_MEMORY} for a gateway whose store lasts
   */
  snapshot(): Promise<Snapshot>;
  /**
   * Goes back (or on) to a snapshot: everything is as it was, time too. Handles and listeners stay.
   * What is asked meanwhile waits for it. What was under way, or kept back by a fault, ends: its
   * receipt says so by the error NETWORK_CLOSED. If it cannot be done, everything is as it was.
   * @throws {SNAPSHOT_INVALID, SNAPSHOT_FOREIGN, NETWORK_CLOSED}
   */
  revert(snapshot: Snapshot): Promise<void>;
  /** Writes a snapshot of now to a file, for `loadNetwork`. @throws {FILE_NOT_WRITABLE} */
  save(file: string): Promise<void>;
  /**
   * Another network that goes on from a snapshot, by default from now. Close it when it is done.
   * @param options what it does otherwise, e.g. `{ crank: 'manual' }`
   */
  fork(snapshot?: Snapshot, options?: ForkOptions): Promise<Network>;
  /** Mines blocks, and has done what falls due with them. @returns the last */
  mine(blocks?: number): Promise<Block>;
}
