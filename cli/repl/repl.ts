/**
 * The REPL: lines in, results out, and what arrives meanwhile above the prompt. On a terminal with
 * history, completion and redrawing; from a pipe it reads the same lines, one after another, and
 * prints only results.
 */
import { createInterface, type Interface } from 'node:readline';
import type { NetworkEvent, TraceDocument } from '../../index.js';
import { CliError, EXIT, messageOf, reportError } from '../errors.js';
import type { Feed } from '../feed.js';
import { type Interrupt, Interrupted } from '../interrupt.js';
import { createTokenProgress, describeProgress, type TokenProgress } from '../progress.js';
import { type MessageWatch, watchMessages } from '../verbose.js';
import { completeLine } from './completion.js';
import { type Console, promptOf, refreshPrompt } from './console.js';
import type { History } from './history.js';
import { createLineQueue } from './line-queue.js';
import { bootedNames } from './processes.js';
import { createScreen, type Screen } from './screen.js';
import { type Audience, createTypist, type Typist } from './typist.js';

export interface ReplOptions {
  readonly console: Console;
  readonly feed: Feed;
  readonly interrupt: Interrupt;
  readonly history: History;
  /** Whether every message of the network is told. @default false */
  readonly verbose?: boolean;
}

/**
 * @returns the exit code: 0 after .exit or the end of the input, 1 if a line of a pipe failed, 130
 *   after Ctrl-C in mid answer
 */
export function runRepl(options: ReplOptions): Promise<number> {
  const { console, feed, interrupt, history, verbose } = options;
  const { terminal } = console;
  const { interactive } = terminal;
  const lines = createInterface({
    input: terminal.input,
    output: interactive ? terminal.output : undefined,
    terminal: interactive,
    history: history.lines,
    removeHistoryDuplicates: true,
    completer: (line: string, done: CompleterDone) => {
      completeLine(console, line).then((found) => done(null, found), done);
    },
  });
  const screen = createScreen(terminal, lines);
  const progress = createTokenProgress(() => performance.now());
  const watch = verbose ? watchBeside(console, feed, screen) : undefined;
  const typist = createTypist(console, feed, createAudience({ console, screen, progress, watch }));
  // A script on stdin may count on what its last line did; a person sees it arrive.
  const enter = async (line: string) => {
    const { over } = await typist.enter(line, interrupt.signal);
    if (!interactive) return over;
    over.catch((error: unknown) => {
      if (!(error instanceof Interrupted)) screen.note(terminal.colors.dim(messageOf(error)));
    });
  };
  return new Promise((resolve, reject) => {
    const { debugging } = console;
    let refused = false;
    const prompt = () => {
      if (console.closed) lines.close();
      else if (interactive) screen.ask(promptOf(console));
    };
    const queue = createLineQueue({
      enter: async (line) => {
        if (console.closed) return;
        await enter(line);
        prompt();
      },
      isStopped: () => debugging.isStopped,
      enterDebugger: async (line) => {
        if (!(await enterDebugger(console, line))) refused = true;
        if (debugging.isStopped || !typist.busy) prompt();
      },
      leaveDebugger: debugging.leave,
      fail: reject,
    });
    debugging.onStop = (stop) => {
      for (const line of stop) screen.print(line);
      prompt();
      queue.wake();
    };
    lines.on('line', (line) => {
      if (interactive) screen.entered();
      history.add(line);
      queue.push(line);
    });
    interrupt.signal.addEventListener('abort', () => lines.close(), { once: true });
    feed.ended.then(() => {
      const hint = 'Start one again with `corral up`.';
      reject(new CliError('NETWORK_STOPPED', 'the network was stopped', hint));
      lines.close();
    }, reject);
    answerCtrlC({ console, lines, screen, progress, interrupt, typist });
    lines.on('close', () => {
      const interrupted = interrupt.signal.aborted && (progress.active > 0 || typist.busy);
      const finish = async () => {
        typist.close();
        watch?.stop();
        await debugging.close();
        if (interactive) terminal.print();
        const failed = (typist.failed || refused) && !interactive;
        resolve(interrupted ? EXIT.interrupted : failed ? EXIT.failure : EXIT.ok);
      };
      // A pipe that ends still has its lines evaluated; whoever stops does not wait for them.
      if (interrupt.signal.aborted || interactive) finish().catch(reject);
      else queue.end().then(finish).catch(reject);
    });
    prompt();
  });
}

/** A line for the debugger; what it cannot do is told. @returns whether it could */
async function enterDebugger(
  { debugging, terminal, debug }: Console,
  line: string,
): Promise<boolean> {
  try {
    await debugging.enter(line);
    return true;
  } catch (error) {
    reportError(terminal, error, debug);
    return false;
  }
}

type CompleterDone = (error?: null | Error, result?: [string[], string]) => void;

interface View {
  readonly console: Console;
  readonly screen: Screen;
  readonly progress: TokenProgress;
  readonly watch: MessageWatch | undefined;
}

/** Every message as a block, but for what is typed: what that answers is shown as it comes. */
function watchBeside(console: Console, feed: Feed, { note }: Screen): MessageWatch {
  const { client, terminal } = console;
  const isAnswered = ({ action, from, to }: TraceDocument['tree']) =>
    action === 'Eval' && from === client.wallet.address && to === console.process.id;
  return watchMessages({ client, feed, terminal, note, isAnswered });
}

/** Prints what arrives, counts the inbox anew, and shows the tokens of answers as they come. */
function createAudience({ console, screen, progress, watch }: View): Audience {
  const { terminal, client } = console;
  const names = bootedNames(client);
  const take = (event: NetworkEvent) => {
    const answer = progress.take(event);
    if (answer !== undefined) {
      const name = names.get(answer.worker) ?? answer.worker;
      const width = terminal.columns() - 1;
      const status = describeProgress(answer, name, performance.now(), width);
      screen.status(terminal.colors.dim(status));
    }
    if (progress.finish(event) !== undefined) screen.status(undefined);
  };
  const renew = () => screen.renew(promptOf(console));
  const note = (text: string, message?: string) => {
    if (!watch?.tells(message)) screen.note(text);
  };
  const print = (text: string, message?: string) => {
    if (!watch?.tells(message)) screen.print(text);
    // It fails only with the network, and that is told.
    if (terminal.interactive) refreshPrompt(console).then(renew, renew);
  };
  return { take, print, note };
}

interface Keyboard {
  readonly console: Console;
  readonly lines: Interface;
  readonly screen: Screen;
  readonly progress: TokenProgress;
  readonly interrupt: Interrupt;
  readonly typist: Typist;
}

/** Ctrl-C drops what is typed; on an empty line twice, it leaves. In mid answer once is enough. */
function answerCtrlC(keyboard: Keyboard): void {
  const { console, lines, screen, progress, interrupt, typist } = keyboard;
  let warned = false;
  lines.on('line', () => {
    warned = false;
  });
  lines.on('SIGINT', () => {
    const typed = lines.line !== '' || console.draft !== undefined;
    const isStopped = console.debugging.isStopped && !warned && !typed;
    if (isStopped) {
      warned = true;
      screen.print(console.terminal.colors.dim('continue lets it go on; Ctrl-C again leaves'));
    } else if (typist.busy || progress.active > 0 || (warned && !typed)) interrupt.request();
    else if (typed) {
      console.draft = undefined;
      lines.write(null, { ctrl: true, name: 'e' });
      lines.write(null, { ctrl: true, name: 'u' });
      screen.renew(promptOf(console));
    } else {
      warned = true;
      screen.print(console.terminal.colors.dim('Ctrl-C again leaves, and so does .exit'));
    }
  });
}
