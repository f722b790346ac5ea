/**
 * `corral debug ID`: walks through one message of a running network, line by line, forwards and
 * backwards. With --dap it speaks the Debug Adapter Protocol on stdin and stdout, for editors.
 */
import { createInterface } from 'node:readline';
import { fetchInfo } from '../client.js';
import type { Command, CommandContext } from '../command.js';
import { serveDap } from '../dap/serve-dap.js';
import { createDebugClient, type DebugSessionClient } from '../debug/client.js';
import { type Bench, enterBench, showStop } from '../debug/commands.js';
import { describeSession } from '../debug/lines.js';
import { CliError, EXIT, reportError } from '../errors.js';
import { shortId } from '../format.js';
import { DEFAULT_PORT_BASE, PORT_BASE_OPTION } from '../network.js';
import { findName } from '../process-query.js';

export const debugCommand: Command = {
  name: 'debug',
  summary: 'walk through a message line by line, or serve an editor',
  details: [
    'Evaluates the message ID of a running network again in a copy of its process as it was, and ' +
      'stops at every line you like: next, step, out, continue; back, step-back and reverse go the other ' +
      'way. Any Lua is evaluated where it stands. Nothing in the network changes.',
    'help lists the commands. To stop messages before they are evaluated, use .break in `corral repl`.',
    'With --dap it speaks the Debug Adapter Protocol on stdin and stdout, as editors want it: see ' +
      'docs/DEBUGGING.md.',
  ],
  positionals: [{ name: 'ID', required: false, isId: true }],
  options: [
    { name: 'process', value: 'ID', summary: 'of several that got the message, this one' },
    { name: 'dap', summary: 'serve an editor on stdin and stdout' },
    PORT_BASE_OPTION,
  ],
  run: async ({ positionals, flags, texts, integers }, context) => {
    const portBase = integers.get('port-base') ?? DEFAULT_PORT_BASE;
    if (flags.has('dap')) return serveDap(context, portBase);
    const [id] = positionals;
    if (id === undefined) {
      const hint = 'corral debug ID: the id of a message, or as much of its beginning as is clear.';
      throw new CliError('USAGE', '`corral debug` needs the ID of a message', hint);
    }
    const info = await fetchInfo(fetch, `http://127.0.0.1:${portBase}`);
    const client = createDebugClient(fetch, info.urls.gateway);
    const session = await client.open(id, texts.get('process'));
    const { process } = session.view;
    const name = (await findName(fetch, info.urls.gateway, process)) || shortId(process);
    context.terminal.note(describeSession(session.view, name, context.terminal));
    return walk(session, context);
  },
};

/** Lines in, what they show out, until the person leaves. */
async function walk(session: DebugSessionClient, context: CommandContext): Promise<number> {
  const { terminal, interrupt, debug } = context;
  const { interactive, colors } = terminal;
  const bench: Bench = {
    terminal,
    session,
    frame: 0,
    breakpoints: [{ kind: 'error' }],
    onBreakpoints: async () => undefined,
    print: terminal.print,
    left: false,
  };
  await session.setBreakpoints(bench.breakpoints);
  await showStop(bench, session.view);
  const lines = createInterface({
    input: terminal.input,
    output: interactive ? terminal.output : undefined,
    terminal: interactive,
  });
  interrupt.signal.addEventListener('abort', () => lines.close(), { once: true });
  lines.on('SIGINT', () => lines.close());
  lines.setPrompt(colors.dim('debug> '));
  let failed = false;
  if (interactive) lines.prompt();
  for await (const line of lines) {
    try {
      await enterBench(bench, line);
    } catch (error) {
      reportError(terminal, error, debug);
      failed = true;
    }
    if (bench.left) break;
    if (interactive) lines.prompt();
  }
  if (!bench.left) await session.resume();
  return failed && !interactive ? EXIT.failure : EXIT.ok;
}
