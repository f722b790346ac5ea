/**
 * The lines of a REPL, one after another: a line waits until the one before it is answered. While a
 * debugger stands still lines are for it, even if another line still waits for its answer.
 */

export interface LineQueueOptions {
  /** Answers a line. */
  readonly enter: (line: string) => Promise<void>;
  /** Whether lines are for the debugger. */
  readonly isStopped: () => boolean;
  /** Answers a line to the debugger. */
  readonly enterDebugger: (line: string) => Promise<void>;
  /** Has the debugger let everything go on: no line will come that could. */
  readonly leaveDebugger: () => Promise<void>;
  readonly fail: (error: unknown) => void;
}

export interface LineQueue {
  push(line: string): void;
  /** To be called when the debugger has stopped something. */
  wake(): void;
  /** There are no more lines; resolves once all are answered. */
  end(): Promise<void>;
}

export function createLineQueue(options: LineQueueOptions): LineQueue {
  const lines: string[] = [];
  let answering = false;
  let debugging = false;
  let onEmpty: (() => void) | undefined;

  const pump = () => {
    if (options.isStopped()) return pumpDebugger();
    if (answering) return;
    const line = lines.shift();
    if (line === undefined) return onEmpty?.();
    answering = true;
    options.enter(line).then(() => {
      answering = false;
      pump();
    }, options.fail);
  };
  const pumpDebugger = () => {
    if (debugging || (lines.length === 0 && !onEmpty)) return;
    debugging = true;
    const line = lines.shift();
    const work = line === undefined ? options.leaveDebugger() : options.enterDebugger(line);
    work.then(() => {
      debugging = false;
      pump();
    }, options.fail);
  };
  return {
    push(line) {
      lines.push(line);
      pump();
    },
    wake: pump,
    end: () =>
      new Promise((resolve) => {
        onEmpty = resolve;
        pump();
      }),
  };
}
