/** `slipway … | head`, or a terminal that was closed. */
const CLOSED: ReadonlySet<string | undefined> = new Set(['EPIPE', 'EIO']);

let onClosed: () => void = () => process.exit(0);

/** Nobody reading the output any more ends a command quietly; a run says with `whenClosed` what it does instead. */
export function watchOutput(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (!CLOSED.has(error.code)) throw error;
    onClosed();
  });
  process.stderr.on('error', (error: NodeJS.ErrnoException) => {
    if (!CLOSED.has(error.code)) throw error;
  });
}

/** Called at least once when stdout is closed while a run is under way, and after. */
export function whenClosed(stop: () => void): void {
  onClosed = stop;
}
