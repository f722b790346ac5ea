/** No message fails: for programs that answer whatever they are sent. */
import { describeError } from '../../render/reason.js';
import { type Checker, Violation } from '../checker.js';

/** @param except codes of errors that may happen */
export function noErrors(except: readonly string[] = []): Checker {
  return {
    name: 'no message fails',
    watch: (network) => ({
      evaluated({ process, result }) {
        const { error } = result;
        if (!error || except.includes(error.code)) return;
        throw new Violation(`${network.names.get(process) ?? process}: ${describeError(error)}`);
      },
    }),
  };
}
