/** The matchers as TypeScript knows them on `expect`. */

import type { Quantity } from '../match/conserve.js';
import type { Failing } from '../match/failing.js';
import type { GoldenOptions } from '../match/golden.js';
import type { MessageOptions } from '../match/message.js';
import type { MessagesOptions } from '../match/messages.js';
import type { MessagePattern } from '../match/pattern.js';

/** How a golden trace is kept, and what is in it. */
export interface TraceOptions extends GoldenOptions {
  /** File to keep it in, beside the test, e.g. `fee-auction.trace`. */
  readonly file?: string;
}

export interface CorralMatchers<Result = unknown> {
  /**
   * Among the messages that were set off there is one like this. It is about what arrived so far:
   * while `receipt.pending` is not 0, `.not` says that no such message came yet.
   *
   * @param pattern each field a value, a RegExp, a predicate or an asymmetric matcher; without it,
   *   any message will do
   * @example
   * expect(receipt).toHaveMessage({ to: 'alice', action: 'Refund', tags: { Quantity: '42' } });
   * expect(receipt).toHaveMessage({ action: 'Info', data: { fee: (fee) => fee > 5 } }, { times: 1 });
   */
  toHaveMessage(pattern?: MessagePattern, options?: MessageOptions): Result;
  /**
   * Messages like these came in this order, others in between unless `exact`.
   *
   * @example expect(receipt).toHaveMessages([{ action: 'Debit-Notice' }, { action: 'Credit-Notice' }]);
   */
  toHaveMessages(patterns: readonly MessagePattern[], options?: MessagesOptions): Result;
  /**
   * Something went wrong, and it was this. Works on what a call threw, too. While `receipt.pending` is
   * not 0, `.not` says that it has not gone wrong yet.
   *
   * @param failing a code, a part of what it says, a RegExp of it, or its fields; without it, any
   *   failure will do
   * @example
   * expect(receipt).toFailWith('insufficient funds');
   * expect(receipt).toFailWith({ code: 'EVALUATION_FAILED', handler: 'transfer', line: 41 });
   * await expect(network.send({ from: 'alice', to: 'nobody' })).rejects.toFailWith('UNKNOWN_NAME');
   */
  toFailWith(failing?: Failing): Result;
  /**
   * A quantity is the same after as before. Expects the function that does what may change it; of a
   * network, takes that function last.
   *
   * @example await expect(() => network.send(transfer)).toConserve(war(network));
   */
  toConserve(quantity: Quantity, during?: () => unknown): Promise<void>;
  /**
   * The message tree is what it was: ids as names, nothing that changes from run to run.
   *
   * @param golden the tree as text, which `vitest -u` brings up to date and fills in where it is '';
   *   without it, it is kept in vitest's snapshot file, or in `options.file`
   * @example
   * expect(receipt).toMatchTrace(`
   *   alice -> counter  Increment
   *   └─ counter -> alice  Counted
   * `);
   */
  toMatchTrace(golden?: string | TraceOptions, options?: GoldenOptions): Result;
  /**
   * A process comes to the same state when its log is evaluated again; a network, every process.
   *
   * @example await expect(network).toReplay();
   */
  toReplay(): Promise<void>;
}

declare module 'vitest' {
  interface Matchers<T> extends CorralMatchers<void> {}
}
