/**
 * What can go wrong between an engine module and a verdict. Every error says what happened, with the
 * offending value, and what to do about it.
 */
export type OpmlErrorCode =
  | 'MODULE_INVALID'
  | 'MODULE_UNSUPPORTED'
  | 'MODULE_NO_ENTRY'
  | 'MACHINE_BAD_BOUNDS'
  | 'MERKLE_BAD_INDEX'
  | 'WITNESS_TRUNCATED'
  | 'WITNESS_LEFTOVER'
  | 'WITNESS_WRONG_STATE'
  | 'WITNESS_WRONG_OPENING'
  | 'WITNESS_BAD_CODE'
  | 'CLAIM_UNFINISHED'
  | 'TRACE_UNKNOWN_ANSWER'
  | 'TRACE_ENDLESS_OPERATOR'
  | 'FAULT_BAD_PLACE'
  | 'FAULT_WITHOUT_EFFECT';

const HINTS: Record<OpmlErrorCode, string> = {
  MODULE_INVALID: 'Give the bytes of a valid WebAssembly module: build the engine again.',
  MODULE_UNSUPPORTED: 'Compile the engine without it: the disputed machine must know every part.',
  MODULE_NO_ENTRY: 'Export a function of that name without parameters and results.',
  MACHINE_BAD_BOUNDS: 'Lay the regions out in order, at multiples of 256 bytes, within the memory.',
  MERKLE_BAD_INDEX: 'Ask for a leaf that the tree has.',
  WITNESS_TRUNCATED: 'Send the whole witness of this one step.',
  WITNESS_LEFTOVER: 'Send the witness of this one step and nothing else.',
  WITNESS_WRONG_STATE: 'Build the witness from the very state that both sides agree on.',
  WITNESS_WRONG_OPENING: 'Build the witness from the very state that both sides agree on.',
  WITNESS_BAD_CODE: 'The code of the registered model is not code of this machine.',
  CLAIM_UNFINISHED: 'Run the program until it is done, with a boundary() after each token.',
  TRACE_UNKNOWN_ANSWER: 'Ask only about answers that this party computes: see answers().',
  TRACE_ENDLESS_OPERATOR: 'An operator of an engine returns: plant another fault.',
  FAULT_BAD_PLACE: 'Name a token, an operator and a step that the answer has.',
  FAULT_WITHOUT_EFFECT: 'Name another place or bit, leave them out, or ask another question.',
};

/** An error of the opml folder; `details` holds the offending values by name. */
export class OpmlError extends Error {
  readonly code: OpmlErrorCode;
  readonly details: Readonly<Record<string, unknown>>;
  readonly hint: string;

  constructor(
    code: OpmlErrorCode,
    message: string,
    details: Readonly<Record<string, unknown>> = {},
  ) {
    super(`${message} ${HINTS[code]}`);
    this.name = 'OpmlError';
    this.code = code;
    this.details = details;
    this.hint = HINTS[code];
  }
}
