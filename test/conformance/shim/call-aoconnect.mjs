/**
 * An application that names no host at all: everything it calls is what aoconnect has built in.
 * Arguments: mode, and what to call with as JSON. Prints what each call answered, or its error.
 */
import { connect, createDataItemSigner, createSigner } from '@permaweb/aoconnect';

const [mode, given] = process.argv.slice(2);
const { jwk, module, authority, scheduler, process: pid, message } = JSON.parse(given);
const isLegacy = mode === 'legacy';
const signer = isLegacy ? createDataItemSigner(jwk) : createSigner(jwk);
const ao = connect(isLegacy ? { MODE: 'legacy' } : { MODE: 'mainnet', signer });

const evaluation = { tags: [{ name: 'Action', value: 'Eval' }], data: '6 * 7', signer };
const CALLS = {
  getLastSlot: () => ao.getLastSlot({ processId: pid }),
  getMessageById: () => ao.getMessageById({ processId: pid, messageId: message }),
  getMessages: () =>
    ao.getMessages({ processId: pid, from: '0', to: '9999999999999', limit: '100' }),
  message: () => ao.message({ process: pid, ...evaluation, returnAssignmentSlot: true }),
  spawn: () => ao.spawn({ module, scheduler, authority, signer, data: '1984' }),
  result: async () => {
    const sent = await ao.message({ process: pid, ...evaluation });
    return ao.result({ process: pid, [isLegacy ? 'message' : 'slot']: sent });
  },
};

const answers = {};
for (const [name, call] of Object.entries(CALLS)) {
  answers[name] = await call().then(
    (value) => ({ value }),
    (error) => ({ error: String(error) }),
  );
}
console.log(JSON.stringify(answers));
process.exit();
