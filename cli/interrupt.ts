/**
 * Ctrl-C and SIGTERM: the first one asks for a clean stop (an AbortSignal that every wait of the
 * CLI listens to), the second one leaves at once. What a clean stop means and which exit code it
 * has is up to the command.
 */
import { CliError, EXIT } from './errors.js';

export interface Interrupt {
  readonly signal: AbortSignal;
  /** Asks for a stop from inside, as when a REPL that owns the keyboard sees Ctrl-C. */
  request(): void;
  /** Stops listening, so that the next signal ends the program in the ordinary way. */
  release(): void;
}

export interface SignalSource {
  on(event: 'SIGINT' | 'SIGTERM', listener: () => void): unknown;
  off(event: 'SIGINT' | 'SIGTERM', listener: () => void): unknown;
  exit(code: number): void;
}

export function catchInterrupts(source: SignalSource, announce: () => void): Interrupt {
  const controller = new AbortController();
  const request = () => {
    if (controller.signal.aborted) source.exit(EXIT.interrupted);
    else {
      announce();
      controller.abort();
    }
  };
  source.on('SIGINT', request);
  source.on('SIGTERM', request);
  return {
    signal: controller.signal,
    request,
    release: () => {
      source.off('SIGINT', request);
      source.off('SIGTERM', request);
    },
  };
}

/** Thrown by waits that a stop cut short; commands turn it into exit code 130. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** Resolves when the signal fires; at once if it already has. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/**
 * The promise, or `Interrupted` as soon as the signal fires.
 *
 * @throws {Interrupted}
 */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(new Interrupted('stopped'));
    signal.addEventListener('abort', stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
    if (signal.aborted) stop();
  });
}

/**
 * Resolves when `subscribe` says that it found what it waits for. Fails with `Interrupted` when the
 * signal fires, and with NO_ANSWER after `limitMs` in which `subscribe` touched nothing.
 *
 * @param subject what was awaited, for the message: `the answer of the herder`
 * @param subscribe gets `found` and `touch`, returns how to unsubscribe
 */
export function waitFor(
  subject: string,
  limitMs: number,
  signal: AbortSignal,
  subscribe: (found: () => void, touch: () => void) => () => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const cleanUp: (() => void)[] = [];
    const settle = (finish: () => void) => {
      for (const clean of cleanUp) clean();
      finish();
    };
    const timer = setTimeout(() => settle(() => reject(noAnswer(subject, limitMs))), limitMs);
    const stop = () => settle(() => reject(new Interrupted('stopped')));
    signal.addEventListener('abort', stop, { once: true });
    cleanUp.push(
      () => clearTimeout(timer),
      () => signal.removeEventListener('abort', stop),
    );
    const found = () => settle(resolve);
    cleanUp.push(subscribe(found, () => timer.refresh()));
    if (signal.aborted) stop();
  });
}

function noAnswer(subject: string, limitMs: number): CliError {
  return new CliError(
    'NO_ANSWER',
    `waited ${limitMs / 1000} s for ${subject}, nothing came`,
    'The lines above say how far it got; CORRAL_DEBUG=1 shows errors in full.',
  );
}
