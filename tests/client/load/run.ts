import { setTimeout as sleep } from 'node:timers/promises';
import { Configurations, NoopMomentoLoggerFactory } from '@gomomento/sdk';
import { cacheClient, momentoCredential } from '../../../src/client/index.ts';
import { SECRET_NAME } from '../../../src/local/stand-ins.ts';
import { collectGarbage } from './garbage.ts';
import { type Failure, startLoad, type Tally } from './generator.ts';
import { type Course, type Scenario, SERVED_AGAIN_MS } from './scenarios.ts';
import { CACHE, type Services } from './services.ts';

export interface Plan {
  scenario: Scenario;
  rotations: number;
  perSecond: number;
  /** See {@link Course}. */
  pauseMs: number;
  outageMs: number;
  /** Whether to wait until the old clients are closed, to measure the heap. */
  measureHeap: boolean;
}

export interface Result extends Omit<Tally, 'failures'> {
  scenario: string;
  rotations: number;
  seconds: number;
  /** By error code, of requests that were to succeed. */
  failures: Record<string, number>;
  /** How many failed while nothing worked, and until how long after it, in milliseconds. */
  outage: { failures: number; servedAgainMs: number } | undefined;
  /** Of the secret, by the application. */
  reads: { answered: number; unanswered: number };
  /**
   * One for each time to live that has begun, one for each key that Momento refused, or refused again after a while, and while
   * nothing works one after 1, 2 and 4 seconds and then every 5.
   */
  allowedReads: number;
  refusedKeys: number;
  /** How often the last good key was served because the secret was of no use. */
  servedStale: number;
  /** After the first rotation and after the last, in bytes. */
  heap: [before: number, after: number] | undefined;
}

/** Longer than the clients of old keys stay open. */
const CLOSED_AFTER_MS = 12_000;

/** A request that has to wait, because the machine has other things to do, is a late one and not a failed one. */
const REQUEST_TIMEOUT_MS = 30_000;
const configuration = Configurations.InRegion.Default.latest(new NoopMomentoLoggerFactory()).withClientTimeoutMillis(
  REQUEST_TIMEOUT_MS,
);

/**
 * An application that makes requests at a steady rate while its secret changes. `services` are for this run alone, and what
 * points at them is in the environment.
 */
export async function run(services: Services, plan: Plan): Promise<Result> {
  const { scenario, rotations, perSecond, pauseMs, outageMs, measureHeap } = plan;
  const { ttlSeconds } = scenario;
  const counts = { refusedKey: 0, servedStale: 0, refreshed: 0, changed: 0, unavailable: 0, subscriptionNotMoved: 0 };
  const credential = momentoCredential(SECRET_NAME, {
    ttlSeconds,
    onEvent: ({ type }) => {
      counts[type] += 1;
    },
  });
  const cache = cacheClient(credential, { defaultTtlSeconds: 60, configuration });
  const load = () =>
    startLoad(perSecond, async (index) => {
      const key = `key-${index % 100}`;
      return index % 5 === 0 ? cache.set(CACHE, key, 'value') : cache.get(CACHE, key);
    });
  const closedAndCollected = async () => {
    if (!measureHeap) return 0;
    await sleep(CLOSED_AFTER_MS);
    await cache.get(CACHE, 'key');
    collectGarbage();
    return process.memoryUsage().heapUsed;
  };
  try {
    await cache.get(CACHE, 'key');
    const warmUp = load();
    await services.rotate();
    await services.revokePreviousKeys();
    await sleep(pauseMs);
    await warmUp.stop();
    const heapBefore = await closedAndCollected();
    const readsBefore = await services.reads();
    Object.assign(counts, { refusedKey: 0, servedStale: 0 });

    const startedAt = performance.now();
    const { stop, pause, resume } = load();
    const outages: Outage[] = [];
    const course: Course = {
      pauseMs,
      outageMs,
      beginOutage() {
        const outage: Outage = { from: performance.now(), mendedAt: Number.POSITIVE_INFINITY };
        outages.push(outage);
        return () => {
          outage.mendedAt = performance.now();
        };
      },
      async idle(ms) {
        pause();
        await sleep(ms);
        resume();
      },
    };
    for (let rotation = 0; rotation < rotations; rotation += 1) await scenario.happen(services, course);
    const tally = await stop();
    const seconds = (performance.now() - startedAt) / 1000;
    const { refusedKey, servedStale } = { ...counts };
    const readsAfter = await services.reads();
    const heapAfter = await closedAndCollected();
    return {
      ...tally,
      ...judge(tally.failures, outages),
      scenario: scenario.name,
      rotations,
      seconds,
      reads: {
        answered: readsAfter.answered - readsBefore.answered,
        unanswered: readsAfter.unanswered - readsBefore.unanswered,
      },
      allowedReads: Math.ceil(seconds / ttlSeconds) + 1 + refusedKey + servedStale + readsIn(outages),
      refusedKeys: refusedKey,
      servedStale,
      heap: measureHeap ? [heapBefore, heapAfter] : undefined,
    };
  } finally {
    cache.close();
    credential.close();
  }
}

interface Outage {
  from: number;
  mendedAt: number;
}

function judge(all: Failure[], outages: Outage[]): Pick<Result, 'failures' | 'outage'> {
  const failures: Record<string, number> = {};
  const outage = { failures: 0, servedAgainMs: 0 };
  for (const { code, sentAt, answeredAt } of all) {
    const of = outages.findLast(({ from }) => answeredAt >= from);
    if (of && sentAt <= of.mendedAt + SERVED_AGAIN_MS) {
      outage.failures += 1;
      outage.servedAgainMs = Math.max(outage.servedAgainMs, answeredAt - of.mendedAt);
    } else {
      failures[code] = (failures[code] ?? 0) + 1;
    }
  }
  return { failures, outage: outages.length > 0 ? outage : undefined };
}

const readsIn = (outages: Outage[]) =>
  outages.reduce((sum, { from, mendedAt }) => sum + 4 + Math.ceil((mendedAt + SERVED_AGAIN_MS - from) / 5000), 0);
