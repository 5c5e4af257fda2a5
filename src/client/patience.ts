/** How long a call waits for a key. */
export interface Patience {
  /** Of the caller. */
  signal?: AbortSignal | undefined;
  /** In milliseconds: the client's own deadline. @default as long as it takes */
  ms?: number | undefined;
}

/** Somebody does not wait for a key any longer. */
export class OutOfPatience extends Error {
  override readonly name = 'OutOfPatience';
  readonly because: 'aborted' | 'deadline';

  constructor(because: 'aborted' | 'deadline') {
    super(because);
    this.because = because;
  }
}

/**
 * Waits for a promise, but not longer than that. What it waits for goes on.
 * @throws OutOfPatience
 */
export async function patiently<T>(promise: Promise<T>, { signal, ms }: Patience = {}): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let abort = () => {};
  const end = new Promise<never>((_, reject) => {
    abort = () => reject(new OutOfPatience('aborted'));
    if (ms !== undefined) timer = setTimeout(() => reject(new OutOfPatience('deadline')), ms);
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

/** The signal that a caller gave to a method of the SDK, whose options have it as `abortSignal`. */
export function signalIn(args: readonly unknown[]): AbortSignal | undefined {
  for (const arg of args) {
    const signal = (arg as { abortSignal?: unknown } | null | undefined)?.abortSignal;
    if (signal instanceof AbortSignal) return signal;
  }
  return undefined;
}
