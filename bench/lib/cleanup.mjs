// What must not stay behind: undone at the end, and on Ctrl-C, in reverse order.
const stack = [];
let cleaning;

/** Remembers how to undo something; the returned function undoes it now. */
export function onCleanup(undo) {
  stack.push(undo);
  return async () => {
    const at = stack.indexOf(undo);
    if (at < 0) return;
    stack.splice(at, 1);
    await undo();
  };
}

/** Undoes everything; one failure does not keep the rest from being undone. */
export function cleanUp() {
  cleaning ??= (async () => {
    for (const undo of stack.splice(0).reverse()) {
      try {
        await undo();
      } catch (error) {
        console.error(`not cleaned up: ${error.message}`);
      }
    }
  })();
  return cleaning;
}

/** Ctrl-C and TERM end the benchmark in order. */
export function cleanUpOnSignals() {
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ])
    process.on(signal, async () => {
      if (!cleaning) console.error('\ninterrupted; cleaning up …');
      await cleanUp();
      process.exit(code);
    });
}
