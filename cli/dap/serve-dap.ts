/**
 * `corral debug --dap`: an editor at stdin and stdout, a running network at its ports.
 *
 * What an editor's configuration may say: `process`, a name or id (default: user); `message`, the id
 * of a message to walk through; `portBase`; with "launch", `program`, a Lua file to load first.
 */
import { dirname, resolve } from 'node:path';
import { bundleLua, type NetworkEvent } from '../../index.js';
import { randomAnchors } from '../anchors.js';
import { type Client, fetchInfo } from '../client.js';
import type { CommandContext } from '../command.js';
import { createDebugClient } from '../debug/client.js';
import { CliError, EXIT } from '../errors.js';
import type { Feed } from '../feed.js';
import { connect as joinNetwork, openProcess, USER_PROCESS } from '../network.js';
import { findProcess } from '../repl/processes.js';
import { serveAdapter } from './adapter.js';
import type { Target } from './link.js';
import { openChannel } from './protocol.js';

export async function serveDap({ terminal }: CommandContext, portBase: number): Promise<number> {
  const closing: (() => Promise<void>)[] = [];
  try {
    await serveAdapter({
      channel: openChannel(terminal.input, terminal.output),
      async connect(request, args) {
        const port = typeof args.portBase === 'number' ? args.portBase : portBase;
        const info = await fetchInfo(fetch, `http://127.0.0.1:${port}`);
        const network = await joinNetwork(fetch, info, { nextAnchor: randomAnchors() });
        closing.push(network.close);
        return findTarget(network, request, args);
      },
    });
  } finally {
    for (const close of closing) await close();
  }
  return EXIT.ok;
}

async function findTarget(
  { client, feed }: { readonly client: Client; readonly feed: Feed },
  request: 'attach' | 'launch',
  args: Readonly<Record<string, unknown>>,
): Promise<Target> {
  const wanted = textOf(args.process) ?? USER_PROCESS;
  const program = request === 'launch' ? textOf(args.program) : undefined;
  const { id, name } =
    program === undefined ? await findProcess(client, wanted) : await openProcess(client, wanted);
  const folder = program === undefined ? undefined : dirname(resolve(program));
  return {
    debugger: createDebugClient(client.fetch, client.info.urls.gateway),
    process: id,
    name,
    folders: [folder, textOf(args.cwd), '.'].filter((path) => path !== undefined),
    message: textOf(args.message),
    ...(program === undefined ? {} : { start: () => load(client, id, program) }),
    listen: ({ print, loaded }) =>
      feed.listen((event: NetworkEvent) => {
        if (event.type === 'evaluated' && event.process === id) {
          if (event.output) print(event.output);
          if (event.action === 'Eval') loaded();
        }
        if (event.type === 'error' && event.error.process === id) print(event.error.text);
      }),
  };
}

async function load(client: Client, process: string, program: string): Promise<void> {
  const { error } = await client.evaluate(process, bundleLua(program));
  if (error !== undefined) throw new CliError('NETWORK_REFUSED', error, '');
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
