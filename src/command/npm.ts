/** How often it is looked for, in milliseconds. */
const INTERVAL_MS = 500;

/**
 * Resolves when the npm that started this process is gone. Killed, or hung up on, it passes no signal on. Keeps no process alive, and
 * never resolves in one that is not told in `NPM_PID` which one that is: it may be gone before this process could look.
 */
export function npmGone(): Promise<void> {
  const npm = process.env['NPM_PID'];
  return new Promise((resolve) => {
    if (npm === undefined) return;
    // Who has lost its parent is given another.
    const timer = setInterval(() => {
      if (process.ppid === Number(npm)) return;
      clearInterval(timer);
      resolve();
    }, INTERVAL_MS).unref();
  });
}
