/**
 * Waits for work that must be over within `ms` milliseconds: then it aborts the work and rejects with a `TimeoutError`. It
 * rejects as well, at once, when somebody else aborts the work. Until then it keeps the process alive, so that whoever waits
 * is answered.
 */
export async function withDeadline<T>(ms: number, abort: AbortController, work: () => Promise<T>): Promise<T> {
  const { signal } = abort;
  let timer: NodeJS.Timeout | undefined;
  let giveUp = () => {};
  const givenUp = new Promise<never>((_, reject) => {
    giveUp = () => reject(signal.reason);
    signal.addEventListener('abort', giveUp, { once: true });
    timer = setTimeout(() => abort.abort(new DOMException('', 'TimeoutError')), ms);
  });
  try {
    return await Promise.race([work(), givenUp]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', giveUp);
  }
}
