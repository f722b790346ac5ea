/**
 * `corral repl`: joins a network that runs already, over HTTP like any other client.
 */
import { randomAnchors } from '../anchors.js';
import { fetchInfo } from '../client.js';
import type { Command } from '../command.js';
import { connect, DEFAULT_PORT_BASE, PORT_BASE_OPTION, USER_PROCESS } from '../network.js';
import { converse } from '../repl/converse.js';

export const repl: Command = {
  name: 'repl',
  summary: 'talk to a process of a running network',
  details: [
    'Joins the network at --port-base and opens the REPL of your process NAME ' +
      `("${USER_PROCESS}" by default). A name that no process of yours has is spawned.`,
    '.help lists the commands; anything else is Lua. Input from a pipe is read line by line, and ' +
      'only results are printed.',
  ],
  positionals: [{ name: 'NAME', required: false }],
  options: [
    PORT_BASE_OPTION,
    { name: 'wallet', value: 'FILE', summary: 'key file (JWK) to sign with, default: alice' },
  ],
  run: async ({ texts, integers, positionals }, context) => {
    const portBase = integers.get('port-base') ?? DEFAULT_PORT_BASE;
    const info = await fetchInfo(fetch, `http://127.0.0.1:${portBase}`);
    const options = { nextAnchor: randomAnchors(), walletFile: texts.get('wallet') };
    const { client, feed, close } = await connect(fetch, info, options);
    try {
      return await converse({ client, feed, context, name: positionals[0] ?? USER_PROCESS });
    } finally {
      await close();
    }
  },
};
