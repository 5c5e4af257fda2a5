import { isDeath, MISHAPS, type PlannedMishap } from './mishaps.ts';
import { type Played, play } from './play.ts';
import { ACTS, CALM, everySetting, LIKELIEST, type Schedule, type Switches } from './schedule.ts';
import type { RunStep } from './world.ts';

const WARM = [0];
const COLD = [0, 1, 2, 3];

/** The least kind setting of each switch. */
const HARSHEST: Switches = {
  secretsManager: { rotationToken: true, pendingCreatedDate: 'registered', restageOnRetry: false },
  momento: { refreshTokenReuse: 'refused', newKeyKnownAfterCalls: 1 },
  permitted: true,
};

/**
 * One mishap in every call of a rotation, every kind of it, passing and staying, in one sandbox for all steps and in one
 * for each.
 *
 * @param settings @default every setting of the switches
 */
export async function* everyMishap(run: RunStep, settings: Switches[] = everySetting()): AsyncGenerator<Played> {
  for (const switches of settings) {
    for (const sandboxes of [WARM, COLD]) {
      const calm = await play({ ...CALM, switches, sandboxes }, run);
      yield calm;
      yield* everyNext(calm, 0, run, [false, true]);
    }
  }
}

/** The likeliest and the least kind setting. */
export const EXTREMES: Switches[] = [LIKELIEST, HARSHEST];

/**
 * After each first mishap every second one, in every call that came after it, retries of a call and of the rotation
 * among them; in one sandbox where the switches are as is likeliest, in one for each step where they are least kind.
 */
export async function* everyPair(run: RunStep): AsyncGenerator<Played> {
  for (const switches of EXTREMES) {
    const calm = await play({ ...CALM, switches, sandboxes: switches === LIKELIEST ? WARM : COLD }, run);
    for await (const first of everyNext(calm, 0, run, [false])) {
      yield* everyNext(first, (first.schedule.mishaps[0]?.at ?? 0) + 1, run, [false]);
    }
  }
}

/** One act of somebody else before every call of a rotation, in one sandbox for all steps and in one for each. */
export async function* everyAct(run: RunStep): AsyncGenerator<Played> {
  for (const switches of EXTREMES) {
    for (const sandboxes of [WARM, COLD]) {
      const calm = await play({ ...CALM, switches, sandboxes }, run);
      for (let at = 0; at < calm.calls; at += 1) {
        for (const act of ACTS) yield await play({ ...calm.schedule, acts: [{ at, act }] }, run);
      }
    }
  }
}

/** After each act every mishap. */
export async function* everyActAndMishap(run: RunStep): AsyncGenerator<Played> {
  for await (const acted of everyAct(run)) yield* everyNext(acted, acted.schedule.acts[0]?.at ?? 0, run, [false]);
}

/** Plays a schedule with each mishap added in each of its calls from one on. */
async function* everyNext(base: Played, from: number, run: RunStep, stays: boolean[]): AsyncGenerator<Played> {
  for (let at = from; at < base.calls; at += 1) {
    for (const mishap of MISHAPS) {
      for (const stay of stays) {
        if (stay && isDeath(mishap)) continue;
        const planned: PlannedMishap = stay ? { at, mishap, stays: true } : { at, mishap };
        const schedule: Schedule = { ...base.schedule, mishaps: [...base.schedule.mishaps, planned] };
        yield await play(schedule, run);
      }
    }
  }
}
