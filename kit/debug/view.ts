/**
 * A session as it travels to whoever debugs: where it stands, the calls under way and the source
 * around the line, as plain values.
 */
import { printedText } from '../../actors/compute/result.js';
import { codeAround } from '../inspect/stack.js';
import { reasonOf } from '../render/reason.js';
import type { TreeCode } from '../render/tree-node.js';
import type { OpenSession } from './desk.js';
import type { DebugSession, Stop } from './session.js';

export interface FrameView {
  /** Number for scopes and expressions. */
  readonly frame: number;
  readonly name: string;
  readonly source: string;
  readonly line: number;
  /** True for the kernel's calls and those that are built in. */
  readonly isKernel: boolean;
}

export interface SessionView {
  readonly session: string;
  readonly process: string;
  readonly message: string;
  readonly action?: string | undefined;
  readonly nonce: number;
  /** True while the process waits in the network. */
  readonly live: boolean;
  readonly stop: Stop;
  /** The innermost first. */
  readonly frames: readonly FrameView[];
  /** Source around the line. */
  readonly code?: readonly TreeCode[] | undefined;
  /** What the message answers, once the session is at its end. */
  readonly outcome?: { readonly error?: string; readonly output?: string; readonly gas: number };
}

const AROUND = 3;
/** Frames that travel: enough for a runaway recursion to be recognised. */
const FRAMES_SHOWN = 200;
const OUTPUT_SHOWN = 20_000;

export function viewOf({ id, live, session }: OpenSession): SessionView {
  const { scene, stop, result } = session;
  const { process, message, action, nonce } = scene;
  const frames = session.frames().slice(0, FRAMES_SHOWN);
  const shown = frames.map(({ name, source, line, isKernel }, frame) => {
    return { frame, name, source, line, isKernel };
  });
  const line = stop.line ?? 0;
  const own = session.frames().find(({ isKernel }) => !isKernel);
  const lines = stop.source && scene.sources.linesOf(stop.source, own?.from);
  const error = stop.error && reasonOf({ text: stop.error, line });
  return {
    session: id,
    process,
    message,
    action,
    nonce,
    live,
    stop: { ...stop, ...(error && { error }) },
    frames: shown,
    code: lines ? codeAround(lines, line, AROUND) : undefined,
    ...(stop.reason === 'end' && { outcome: outcomeOf(result) }),
  };
}

function outcomeOf(result: DebugSession['result']): NonNullable<SessionView['outcome']> {
  const output = printedText(result)?.slice(0, OUTPUT_SHOWN);
  const error = result.error && reasonOf({ ...result.error, line: result.error.line });
  return {
    gas: result.gas,
    ...(error === undefined ? {} : { error }),
    ...(output === undefined ? {} : { output }),
  };
}
