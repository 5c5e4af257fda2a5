/**
 * Waits for work that must be over within `ms` milliseconds: then it aborts the work and rejects. Its timer does not keep
 * the process alive.
 */
export async function withDeadline<T>(ms: number, abort: AbortController, work: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new DOMException('', 'TimeoutError'));
      abort.abort();
    }, ms).unref();
  });
  try {
    return await Promise.race([work(), deadline]);
  } finally {
    clearTimeout(timer);
  }
}
