/** How often it is looked for, in milliseconds. */
const INTERVAL_MS = 500;

/**
 * Resolves when the npm that started this process is gone. Killed, or hung up on, it passes no signal on. Never resolves in a process
 * that npm did not start, and keeps none alive.
 */
export function npmGone(): Promise<void> {
  const { ppid } = process;
  return new Promise((resolve) => {
    if (process.env['npm_lifecycle_event'] === undefined) return;
    // Who has lost its parent is given another.
    const timer = setInterval(() => {
      if (process.ppid === ppid) return;
      clearInterval(timer);
      resolve();
    }, INTERVAL_MS).unref();
  });
}
