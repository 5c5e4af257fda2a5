/** What a timer of Node.js can wait. */
export const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/** How long to wait for something that goes on all the same. */
export interface WaitOptions {
  signal?: AbortSignal | undefined;
  /** In milliseconds. @default as long as it takes */
  timeoutMs?: number | undefined;
}

/** The wait is over, and nothing else. */
export class WaitEnded extends Error {
  override readonly name: 'AbortError' | 'TimeoutError';

  constructor(name: 'AbortError' | 'TimeoutError') {
    super(name === 'AbortError' ? 'The caller does not wait any longer.' : 'It took too long.');
    this.name = name;
  }
}

/**
 * Waits for a promise.
 * @throws WaitEnded
 */
export async function waitFor<T>(promise: Promise<T>, { signal, timeoutMs }: WaitOptions = {}): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let abort = () => {};
  const end = new Promise<never>((_, reject) => {
    abort = () => reject(new WaitEnded('AbortError'));
    if (timeoutMs !== undefined) {
      timer = setTimeout(() => reject(new WaitEnded('TimeoutError')), Math.min(timeoutMs, LONGEST_TIMEOUT_MS));
    }
  });
  signal?.addEventListener('abort', abort);
  if (signal?.aborted) abort();
  try {
    return await Promise.race([promise, end]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}
