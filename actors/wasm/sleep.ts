/**
 * Imports that may wait. A module built with Asyncify can leave all its frames in the middle of an
 * import and come back to it later: it writes its stack into memory that was set aside for it, and
 * reads it back. Here nothing waits, but the way is gone all the same, because it leaves its traces
 * in memory, and the memory is the state.
 * Source: binaryen, "Asyncify" pass (src/passes/Asyncify.cpp, comment at the top).
 */
import type { Call, GuestMemory, Sleep } from './guest.js';

export interface Sleeper extends Sleep {
  /** Calls an export to its end, however often it pauses. */
  run(enter: () => number, resume: () => number): number;
  /** After a message that did not come to its end. */
  reset(): void;
}

type Phase = 'awake' | 'leaving' | 'returning';

/** Memory that is set aside for the stack of a paused module. */
const STACK_BYTES = 41_943_040;

export function createSleep(
  call: (name: string) => Call | undefined,
  memory: GuestMemory,
): Sleeper {
  let phase: Phase = 'awake';
  let work: (() => number) | undefined;
  let answer = 0;
  let data = 0;

  const leave = () => {
    const width = memory.pointerBytes;
    const header = width === 8 ? 24 : 12;
    data = call('malloc')?.(header + STACK_BYTES) ?? 0;
    memory.storePointer(data, data + header);
    memory.storePointer(data + width, data + header + STACK_BYTES);
    memory.view.setInt32(data + 2 * width, 0, true);
    call('asyncify_start_unwind')?.(data);
    phase = 'leaving';
  };
  return {
    pause(next) {
      if (!call('asyncify_start_unwind')) return next();
      if (phase === 'awake') {
        work = next;
        leave();
        return 0;
      }
      phase = 'awake';
      call('asyncify_stop_rewind')?.();
      call('free')?.(data);
      return answer;
    },
    run(enter, resume) {
      let result = enter();
      while ((phase as Phase) === 'leaving') {
        call('asyncify_stop_unwind')?.();
        answer = work?.() ?? 0;
        phase = 'returning';
        call('asyncify_start_rewind')?.(data);
        result = resume();
      }
      return result;
    },
    reset() {
      phase = 'awake';
      work = undefined;
    },
  };
}
