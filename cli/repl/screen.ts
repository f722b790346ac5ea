/**
 * Writing while someone types: lines that arrive go above the prompt, and one status line (tokens
 * of an answer) is redrawn right above it. What is typed stays untouched below.
 */
import { clearScreenDown, cursorTo, type Interface, moveCursor } from 'node:readline';
import { fitLines, type Terminal } from '../terminal.js';

export interface Screen {
  /** Shows the prompt and waits for the user; until then lines are simply printed. */
  ask(prompt: string): void;
  /** Replaces the prompt, if one is shown. */
  renew(prompt: string): void;
  /** The user pressed Enter: the cursor is on a fresh line and no prompt is shown. */
  entered(): void;
  /** Prints lines above the prompt. */
  print(text: string): void;
  /** The same on stderr. */
  note(text: string): void;
  /** Shows or replaces the status line; `undefined` takes it away. Nothing without a prompt. */
  status(text: string | undefined): void;
}

export function createScreen(terminal: Terminal, lines: Interface): Screen {
  let prompting = false;
  let status: string | undefined;

  /** Moves to where the status line or else the prompt begins, and clears from there on. */
  const clear = () => {
    if (!prompting) return;
    const rowsAbove = lines.getCursorPos().rows + (status === undefined ? 0 : 1);
    moveCursor(terminal.output, 0, -rowsAbove);
    cursorTo(terminal.output, 0);
    clearScreenDown(terminal.output);
  };
  const draw = () => {
    if (!prompting) return;
    if (status !== undefined) terminal.write(`${status}\n`);
    lines.prompt(true);
  };

  return {
    ask: (prompt) => {
      clear();
      prompting = true;
      lines.setPrompt(prompt);
      draw();
    },
    renew: (prompt) => {
      clear();
      lines.setPrompt(prompt);
      draw();
    },
    entered: () => {
      prompting = false;
      status = undefined;
    },
    print: (text) => {
      clear();
      terminal.print(fitLines(text, terminal));
      draw();
    },
    note: (text) => {
      clear();
      terminal.note(fitLines(text, terminal));
      draw();
    },
    status: (text) => {
      if (!prompting) return;
      clear();
      status = text;
      draw();
    },
  };
}
