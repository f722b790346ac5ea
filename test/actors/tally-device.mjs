/**
 * A small device to test compute threads with: it counts, sleeps, reads shared data, tells what it
 * does, and can end its thread. Its count belongs to the process; `opened` is shared by all processes of a thread.
 */
export function createDeviceFactory(thread, options) {
  const opened = new Set();
  return (emit) => {
    let count = 0;
    return {
      name: 'tally',
      functions: {
        add(n) {
          count += Number(n);
          emit({ type: 'token', text: String(count), index: 0 });
          return count;
        },
        read(id) {
          opened.add(id);
          const bytes = thread.bytes(id);
          if (!bytes) throw new Error(`no data ${id}`);
          const isShared = bytes.buffer instanceof SharedArrayBuffer;
          return `${Buffer.from(bytes).toString()} ${isShared} ${opened.size}`;
        },
        sleep(ms) {
          emit({ type: 'progress', stage: 'asleep', fraction: 0 });
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(ms));
        },
        exit: () => process.exit(3),
        option: () => options.word,
      },
      save: () => Buffer.from(String(count)),
      restore(state) {
        if (state.length > 0) emit({ type: 'progress', stage: 'restored', fraction: 1 });
        count = Number(Buffer.from(state).toString());
      },
    };
  };
}
