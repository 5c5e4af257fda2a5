import { createLatencies, type Latencies } from './latencies.ts';

/** What became of the requests of one run. */
export interface Tally {
  requests: number;
  /** By error code. */
  failures: Record<string, number>;
  /** Requests a second that were made. */
  rate: number;
  latencies: Latencies;
}

type Response = { type: string; errorCode?: () => string };

const TICK_MS = 5;
/** A machine that does not keep up gets fewer requests, and the rate says so. */
const MOST_PENDING = 2000;

/**
 * Makes requests at a steady rate, whether or not those before were answered, until it is stopped; then waits for all
 * answers.
 */
export function startLoad(
  perSecond: number,
  makeRequest: (index: number) => Promise<{ type: string }>,
): { stop(): Promise<Tally> } {
  const startedAt = performance.now();
  const failures: Record<string, number> = {};
  const latencies = createLatencies();
  const pending = new Set<Promise<void>>();
  let requests = 0;
  let omitted = 0;

  const make = async (index: number) => {
    const sentAt = performance.now();
    const failure = await makeRequest(index).then(
      (response: Response) => response.errorCode?.(),
      (error: Error) => error.message,
    );
    latencies.add(performance.now() - sentAt);
    if (failure !== undefined) failures[failure] = (failures[failure] ?? 0) + 1;
  };
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - startedAt) / 1000) * perSecond);
    while (requests + omitted < due && pending.size < MOST_PENDING) {
      const made = make(requests);
      requests += 1;
      pending.add(made);
      void made.finally(() => pending.delete(made));
    }
    omitted = due - requests;
  }, TICK_MS);
  return {
    async stop() {
      clearInterval(timer);
      const seconds = (performance.now() - startedAt) / 1000;
      await Promise.all(pending);
      return { requests, failures, rate: requests / seconds, latencies };
    },
  };
}
