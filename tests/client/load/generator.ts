import { createLatencies, type Latencies } from './latencies.ts';

/** What became of the requests of one run. */
export interface Tally {
  requests: number;
  failures: Failure[];
  /** Requests a second that were made, while they were. */
  rate: number;
  latencies: Latencies;
}

export interface Failure {
  code: string;
  /** As `performance.now()` has it. */
  sentAt: number;
  answeredAt: number;
}

export interface Load {
  /** From now on no requests are made, until {@link resume}. */
  pause(): void;
  resume(): void;
  /** Waits for all answers. */
  stop(): Promise<Tally>;
}

type Response = { type: string; errorCode?: () => string };

const TICK_MS = 5;
/** A machine that does not keep up gets fewer requests, and the rate says so. */
const MOST_PENDING = 2000;

/** Makes requests at a steady rate, whether or not those before were answered, until it is stopped. */
export function startLoad(perSecond: number, makeRequest: (index: number) => Promise<{ type: string }>): Load {
  const failures: Failure[] = [];
  const latencies = createLatencies();
  const pending = new Set<Promise<void>>();
  let requests = 0;
  let omitted = 0;
  let paused = false;
  let busyMs = 0;
  let tickedAt = performance.now();

  const make = async (index: number) => {
    const sentAt = performance.now();
    const code = await makeRequest(index).then(
      (response: Response) => response.errorCode?.(),
      (error: Error) => error.message,
    );
    const answeredAt = performance.now();
    latencies.add(answeredAt - sentAt);
    if (code !== undefined) failures.push({ code, sentAt, answeredAt });
  };
  const tick = () => {
    const now = performance.now();
    if (!paused) busyMs += now - tickedAt;
    tickedAt = now;
    const due = Math.floor((busyMs / 1000) * perSecond);
    while (requests + omitted < due && pending.size < MOST_PENDING) {
      const made = make(requests);
      requests += 1;
      pending.add(made);
      void made.finally(() => pending.delete(made));
    }
    omitted = due - requests;
  };
  const timer = setInterval(tick, TICK_MS);
  return {
    pause() {
      tick();
      paused = true;
    },
    resume() {
      tick();
      paused = false;
    },
    async stop() {
      clearInterval(timer);
      await Promise.all(pending);
      return { requests, failures, rate: requests / (busyMs / 1000), latencies };
    },
  };
}
