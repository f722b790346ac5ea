/**
 * The two shapes that this API has in the world: the one that is documented (opML on EigenLayer,
 * "Operator API"), and the one that the original program, opml-opt, really speaks. They differ in the
 * method of status, in the code of success, in how data is written, and in the status of failures.
 */
import { type OperatorError, REFUSALS, type RefusalCode, type RefusalStatus } from './errors.js';

export interface Envelope {
  readonly code: number;
  readonly msg: string;
  readonly data: unknown;
}

export interface Shapes {
  readonly statusMethod: 'GET' | 'POST';
  /** `code` of a question that was taken. */
  readonly successCode: number;
  writeData(data: Readonly<Record<string, unknown>>): unknown;
  writeRefusal(refusal: OperatorError & { code: RefusalCode }): {
    readonly status: RefusalStatus;
    readonly body: Envelope;
  };
}

export const DOCUMENTED_SHAPES: Shapes = {
  statusMethod: 'POST',
  successCode: 0,
  writeData: (data) => data,
  writeRefusal: ({ code, message, hint }) => ({
    status: REFUSALS[code].status,
    body: { code: REFUSALS[code].number, msg: message, data: { error: code, hint } },
  }),
};

export const ORIGINAL_SHAPES: Shapes = {
  statusMethod: 'GET',
  successCode: 200,
  writeData: (data) => JSON.stringify(data),
  writeRefusal: ({ code, message }) => ({
    status: 400, // whatever went wrong
    body: { code: REFUSALS[code].number, msg: `${code}: ${message}`, data: '' },
  }),
};
