/**
 * The page of a web app: aoconnect's and arweave's browser builds, and a wallet whose key is not in
 * the page. `signOutside` is what the test gives it instead of an extension.
 */
import * as aoconnect from '/aoconnect.js';

window.arweaveWallet = {
  connect: async () => undefined,
  async signDataItem({ data, ...fields }) {
    const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data;
    return Uint8Array.from(await window.signOutside({ ...fields, data: [...bytes] }));
  },
};
window.aoconnect = aoconnect;
window.isReady = true;
