/**
 * How assignments and evaluations are written: JSON, because both are plain values and whoever looks
 * into a store should be able to read them. Process and position are the record's place in its log.
 */
import { type Evaluation, evaluationId } from '../compute/evaluation.js';
import type { LogEntry } from '../ports.js';
import type { EntryForm } from './durable-log.js';

export const assignmentForm: EntryForm<LogEntry> = {
  idOf: ({ messageId }) => messageId,
  encode: ({ nonce: _, ...entry }) => toBytes(entry),
  decode: (bytes, _, nonce) => ({ nonce, ...fromBytes<Omit<LogEntry, 'nonce'>>(bytes) }),
};

export const evaluationForm: EntryForm<Evaluation> = {
  idOf: evaluationId,
  encode: ({ process: _process, index: _index, ...evaluation }) => toBytes(evaluation),
  decode: (bytes, process, index) => ({
    process,
    index,
    ...fromBytes<Omit<Evaluation, 'process' | 'index'>>(bytes),
  }),
};

export function toBytes(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}

export function fromBytes<Value>(bytes: Uint8Array): Value {
  const { buffer, byteOffset, byteLength } = bytes;
  return JSON.parse(Buffer.from(buffer, byteOffset, byteLength).toString('utf8')) as Value;
}
