/**
 * Moving a network: a folder as one file, and a folder from such a file. The file is a standard ANS-104
 * bundle (see arlocal/archive/). Neither leaves anything behind unless all of it is right.
 */
import { existsSync, mkdtempSync, readdirSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import {
  type BundleReader,
  readBundleFile,
  writeBundleFile,
} from '../arlocal/archive/bundle-file.js';
import { exportStore } from '../arlocal/archive/export-store.js';
import { importStore } from '../arlocal/archive/import-store.js';
import { makeFolder } from '../arlocal/sqlite/database.js';
import { createSqliteStore } from '../arlocal/sqlite/sqlite-store.js';
import type { Store } from '../arlocal/store.js';
import { verifyStore } from '../arlocal/verify-store.js';
import { type Wallet, walletFromSeed } from '../arlocal/wallet.js';
import { CorralError } from './errors.js';
import { holderOf, openToLook, readCard, unusable } from './open-store.js';

export interface ArchiveOptions {
  /** Folder of the store. */
  readonly db: string;
  readonly file: string;
  /** Told now and then what is being done, and how much of it. */
  readonly onProgress?: ((what: string, done: number, total: number) => void) | undefined;
}

export interface ArchiveReport {
  readonly folder: string;
  readonly file: string;
  readonly seed: number;
  readonly entries: number;
  /** Data items in the file. */
  readonly items: number;
}

/**
 * Writes the network of a folder to a file.
 * @throws {FILE_EXISTS, STORE_UNUSABLE, STORE_IN_USE, STORE_DAMAGED}
 */
export function exportNetwork({ db, file, onProgress }: ArchiveOptions): ArchiveReport {
  if (existsSync(file)) throw exists(file);
  const { store, files, trees } = openToLook(db, 'corral export');
  try {
    const [damage] = [...files, ...trees];
    if (damage) throw damage;
    const card = readCard(store.records);
    if (!card) throw unusable(db, 'it does not say which seed it has', LOOK_CLOSER);
    const { seed } = card;
    const writer = writeBundleFile(file);
    let items = 0;
    try {
      const parts = { store, wallet: archivist(seed), leaveOut: LEFT_OUT };
      for (const item of exportStore({ ...parts, card: { seed }, onProgress })) {
        writer.add(item);
        items++;
      }
      writer.finish();
    } catch (error) {
      writer.abandon();
      throw error;
    }
    return { folder: db, file, seed, entries: store.sequenceEnd, items };
  } finally {
    store.close();
  }
}

/**
 * Makes a folder from a file, after every signature in it has been verified.
 * @throws {STORE_NOT_EMPTY, FILE_NOT_FOUND, ARCHIVE_REFUSED, BUNDLE_MALFORMED} and what the items of a
 *   forged file make `decodeDataItem` throw
 */
export function importNetwork({ db, file, onProgress }: ArchiveOptions): ArchiveReport {
  const folder = resolve(db);
  if (existsSync(folder) && readdirSync(folder).length > 0) throw notEmpty(db);
  const reader = openArchive(file);
  const scratch = makeScratch(folder);
  const store = createSqliteStore(scratch, { holder: holderOf('none: corral import') });
  try {
    const card = importStore(reader.items(), {
      store,
      signerOf: ({ seed }) => archivist(Number(seed)).address,
      onProgress,
    });
    checkContent(store, onProgress);
    const entries = store.sequenceEnd;
    store.close();
    if (existsSync(folder)) rmdirSync(folder);
    renameSync(scratch, folder);
    return { folder: db, file, seed: Number(card.seed), entries, items: reader.count };
  } catch (error) {
    store.close();
    rmSync(scratch, { recursive: true, force: true });
    throw error;
  } finally {
    reader.close();
  }
}

const LOOK_CLOSER = 'Look for what else is missing with `corral verify`.';

/** A folder beside the one that is to be. @throws {STORE_UNUSABLE} */
function makeScratch(folder: string): string {
  try {
    makeFolder(dirname(folder));
    return mkdtempSync(`${folder}.importing-`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw unusable(folder, reason, 'Import into a new folder where this user can write.');
  }
}

/** What was posted to which gateway: the network that is imported has posted nothing yet. */
const LEFT_OUT: ReadonlySet<string> = new Set(['upstream']);

/** Who signs the parts of an archive that are no data items by nature. */
function archivist(seed: number): Wallet {
  return walletFromSeed(seed, 'archivist');
}

/** Ids, signatures and blocks. */
function checkContent(store: Store, onProgress: ArchiveOptions['onProgress']): void {
  const verifying = (what: string, done: number, total: number) =>
    onProgress?.(`verifying ${what}`, done, total);
  verifyStore(store, {
    tell({ place, problem }) {
      throw new CorralError(
        'ARCHIVE_REFUSED',
        `the file is forged or damaged: ${place}: ${problem}`,
        {
          hint: 'Make it again with corral export, and copy it as it is.',
          details: { place, problem },
        },
      );
    },
    onProgress: verifying,
  });
}

function openArchive(file: string): BundleReader {
  if (existsSync(file)) return readBundleFile(file);
  throw new CorralError('FILE_NOT_FOUND', `there is no file ${file}`, {
    hint: 'Give the path of a file that corral export wrote.',
    details: { file },
  });
}

function exists(file: string): CorralError {
  return new CorralError('FILE_EXISTS', `the file ${file} exists`, {
    hint: 'Give another name, or remove it first.',
    details: { file },
  });
}

function notEmpty(folder: string): CorralError {
  return new CorralError('STORE_NOT_EMPTY', `the folder ${folder} is not empty`, {
    hint: 'Import into a new folder.',
    details: { folder },
  });
}
