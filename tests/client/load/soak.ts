import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Services } from './services.ts';
import type { Measurement, Order } from './soak-process.ts';

export interface SoakPlan {
  rotations: number;
  /** After which rotation it is measured first, to be compared with the last. */
  measureAfter: number;
}

export interface SoakResult {
  before: Measurement;
  after: Measurement;
  /** Answers that were errors. */
  failures: number;
  /** How it ended after it closed its clients, and how long that took, in milliseconds. */
  exitCode: number | null;
  endedAfterMs: number;
}

/** It has until then to end by itself. */
const END_MS = 60_000;

/** A process that goes through many rotations, each of which revokes the key before, and then closes its clients. */
export async function soak(services: Services, { rotations, measureAfter }: SoakPlan): Promise<SoakResult> {
  const child = fork(fileURLToPath(new URL('soak-process.ts', import.meta.url)), {
    execArgv: ['--import', 'tsx'],
    env: { ...process.env, ...(await services.environment()) },
  });
  const ended = once(child, 'exit') as Promise<[number | null]>;
  const lost = ended.then(([code]) => Promise.reject(new Error(`The process ended with code ${code}.`)));
  lost.catch(() => {});
  const order = async <T>(what: Order): Promise<T> => {
    const answered = once(child, 'message') as Promise<[T]>;
    child.send(what);
    const [answer] = await Promise.race([answered, lost]);
    return answer;
  };
  try {
    let failures = 0;
    let before: Measurement | undefined;
    await order('use');
    for (let rotation = 1; rotation <= rotations; rotation += 1) {
      await services.rotate();
      await services.revokePreviousKeys();
      const types = await order<string[]>('use');
      failures += types.filter((type) => type === 'Error').length;
      if (rotation === measureAfter) before = await order('measure');
    }
    const after = await order<Measurement>('measure');
    const closedAt = performance.now();
    child.send('close' satisfies Order);
    const deadline = setTimeout(() => child.kill('SIGKILL'), END_MS);
    const [exitCode] = await ended;
    clearTimeout(deadline);
    return { before: before ?? after, after, failures, exitCode, endedAfterMs: performance.now() - closedAt };
  } finally {
    child.kill('SIGKILL');
  }
}
