/**
 * Checkpoints in a store. A checkpoint is only a shortcut for the log, so one that is damaged or
 * missing costs time and nothing else; but it must be noticed. Its head, with the SHA-256, is a value
 * of its own: what the head names and is not there is missing.
 */
import { sha256 } from '../../arlocal/hashing.js';
import type { Records } from '../../arlocal/records.js';
import { ActorError } from '../errors.js';
import type { Checkpoints } from '../ports.js';
import { fromBytes, toBytes } from './entry-forms.js';

interface Head {
  /** Evaluations until it was taken. */
  readonly evaluations: number;
  readonly sha256: string;
}

export function createDurableCheckpoints(records: Records): Checkpoints<Uint8Array> {
  const heads = records.cells('checkpoint-heads');
  const states = records.cells('checkpoints');
  return {
    lasting: true,
    put(process, { evaluations, checkpoint }) {
      states.put(process, checkpoint);
      const head: Head = { evaluations, sha256: hashOf(checkpoint) };
      heads.put(process, toBytes(head));
    },
    take(process) {
      const head = heads.get(process);
      if (head === undefined) return undefined;
      const { evaluations, sha256: expected } = fromBytes<Head>(head);
      const checkpoint = states.get(process);
      if (checkpoint === undefined) throw damaged(process, 'is missing');
      if (hashOf(checkpoint) !== expected) throw damaged(process, 'has another SHA-256');
      return { evaluations, checkpoint };
    },
  };
}

function hashOf(bytes: Uint8Array): string {
  return sha256(bytes).toString('base64url');
}

function damaged(process: string, problem: string): ActorError {
  return new ActorError('CHECKPOINT_DAMAGED', `the checkpoint of ${process} ${problem}`, {
    hint: 'The process is replayed from its log instead. Look into the store with corral verify.',
    details: { process },
  });
}
