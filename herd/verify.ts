/**
 * Verifying a folder that no network runs on: files, tables, ids, signatures and blocks, then every
 * process from what was signed. Nothing in the folder is changed.
 */
import type { DeviceSpec } from '../actors/compute/thread-protocol.js';
import { type ProcessVerdict, verifyProcesses } from '../actors/verify/verify-processes.js';
import { createGateway } from '../arlocal/gateway.js';
import { mendDatabase } from '../arlocal/sqlite/database.js';
import type { Inspection } from '../arlocal/sqlite/inspect.js';
import {
  attempt,
  type Finding,
  findingOf,
  type StoreFigures,
  verifyStore,
} from '../arlocal/verify-store.js';
import { walletFromSeed } from '../arlocal/wallet.js';
import { llamaDevice } from './modules.js';
import {
  holderOf,
  type NetworkCard,
  nameWriter,
  openToLook,
  readCard,
  writersOf,
} from './open-store.js';

export interface VerifyOptions {
  /** Folder of the store. */
  readonly db: string;
  /**
   * Writes the files beside the database anew if nothing but them is wrong. What they say was
   * acknowledged and is not there stays lost.
   */
  readonly mend?: boolean | undefined;
  readonly devices?: readonly DeviceSpec[] | undefined;
  /** Told now and then what is being looked at, and how much of it is done. */
  readonly onProgress?: ((what: string, done: number, total: number) => void) | undefined;
}

export interface VerifyReport {
  readonly folder: string;
  /** True if nothing at all is wrong. */
  readonly whole: boolean;
  readonly seed: number | undefined;
  readonly figures: StoreFigures;
  /** What is wrong in the store itself. */
  readonly findings: readonly Finding[];
  readonly processes: readonly ProcessVerdict[];
  /** Other Corrals that wrote into it: they may count gas otherwise. */
  readonly others: readonly string[];
  /** True if the files beside the database were written anew. */
  readonly mended: boolean;
}

/** @throws {STORE_UNUSABLE, STORE_IN_USE}, and STORE_DAMAGED if nothing in it can be read */
export async function verifyNetwork(options: VerifyOptions): Promise<VerifyReport> {
  const { db, onProgress } = options;
  const inspection = openToLook(db, 'corral verify', () => onProgress?.('files', 0, 1));
  const { store, files, trees } = inspection;
  try {
    const inside: Finding[] = trees.map(findingOf);
    const tell = (finding: Finding) => {
      const isKnown = inside.some(
        ({ place, problem }) => place === finding.place && problem === finding.problem,
      );
      if (!isKnown) inside.push(finding);
    };
    const figures = verifyStore(store, { tell, onProgress });
    let card: NetworkCard | undefined;
    attempt(tell, () => {
      card = readCard(store.records);
    });
    if (!card) tell({ place: 'network card', problem: 'it does not say which seed it has' });
    const processes = card ? await replayAll(inspection, card, { ...options, tell }) : [];
    const differs = processes.some(({ differences }) => differences.length > 0);
    const isSound = inside.length === 0 && !differs;
    store.close();
    const mended = isSound && options.mend === true && files.length > 0;
    if (mended) mendDatabase(db, holderOf('none: corral verify'));
    return {
      folder: db,
      whole: isSound && (mended || files.length === 0),
      seed: card?.seed,
      figures,
      findings: [...files.map(findingOf), ...inside],
      processes,
      others: card ? writersOf(card).filter((writer) => writer !== nameWriter()) : [],
      mended,
    };
  } finally {
    store.close();
  }
}

/** No process can be replayed if the log cannot be searched; then that is told. */
async function replayAll(
  { store }: Inspection,
  { seed }: NetworkCard,
  { devices = [llamaDevice], onProgress, tell }: VerifyOptions & { tell: (it: Finding) => void },
): Promise<readonly ProcessVerdict[]> {
  try {
    return await verifyProcesses({
      gateway: createGateway({ store, now: () => 0 }),
      schedulerWallet: walletFromSeed(seed, 'scheduler-unit'),
      messenger: walletFromSeed(seed, 'messenger-unit').address,
      devices,
      onProgress: (done, total) => onProgress?.('processes', done, total),
    });
  } catch (error) {
    attempt(tell, () => {
      throw error;
    });
    return [];
  }
}
