import type { RunStep } from './entry-point.ts';
import { DAMAGES } from './events.ts';
import { isDeath, MISHAPS, type PlannedMishap } from './mishaps.ts';
import { type Played, play } from './play.ts';
import { latestStart, RULES, uncertainty } from './rules.ts';
import { actsWith, CALM, everySetting, HAND_ACTS, LIKELIEST, type Schedule, type Switches } from './schedule.ts';
import { STARTS_AT } from './world.ts';

export const WARM = [0];
export const COLD = [0, 1, 2, 3];
/** The key is issued in one, and tested and promoted in another. */
export const HANDED_OVER = [0, 0, 1, 1];

/** The least kind setting of each switch. */
export const HARSHEST: Switches = {
  secretsManager: {
    rotationToken: true,
    pendingCreatedDate: 'registered',
    restageOnRetry: false,
    rotateWithSameToken: 'refused',
  },
  momento: { refreshTokenReuse: 'refused', newKeyKnownAfterCalls: 1 },
  permitted: true,
};

/**
 * One mishap in every call of a rotation, every kind of it, passing and staying, in one sandbox for all steps and in one
 * for each.
 *
 * @param settings @default every setting of the switches
 * @param spread which sandbox each step is run in, in turn. @default all in one, and each in one of its own
 * @param base what is the same in all schedules @default {@link CALM}
 */
export async function* everyMishap(
  run: RunStep,
  settings: Switches[] = everySetting(),
  spread: (readonly number[])[] = [WARM, COLD],
  base: Schedule = CALM,
): AsyncGenerator<Played> {
  for (const switches of settings) {
    for (const sandboxes of spread) {
      const calm = await play({ ...base, switches, sandboxes }, run);
      yield calm;
      yield* everyNext(calm, 0, run, [false, true]);
    }
  }
}

/** As {@link HARSHEST}, with keys that may not do what a ping does. */
export const UNPERMITTED: Switches = { ...HARSHEST, permitted: false };

/** The likeliest and the least kind setting. */
export const EXTREMES: Switches[] = [LIKELIEST, HARSHEST];

/**
 * After each first mishap every second one, in every call that came after it, retries of a call and of the rotation
 * among them; in one sandbox where the switches are as is likeliest, in one for each step where they are least kind.
 */
export async function* everyPair(run: RunStep, settings = EXTREMES, base: Schedule = CALM): AsyncGenerator<Played> {
  for (const switches of settings) {
    const calm = await play({ ...base, switches, sandboxes: switches === LIKELIEST ? WARM : COLD }, run);
    for await (const first of everyNext(calm, 0, run, [false])) {
      yield* everyNext(first, (first.schedule.mishaps[0]?.at ?? 0) + 1, run, [false]);
    }
  }
}

/** One act of somebody else before every call of a rotation, in one sandbox for all steps, in two, and in one for each. */
export async function* everyAct(
  run: RunStep,
  settings = EXTREMES,
  spread: (readonly number[])[] = [WARM, HANDED_OVER, COLD],
  base: Schedule = CALM,
): AsyncGenerator<Played> {
  for (const switches of settings) {
    for (const sandboxes of spread) {
      const calm = await play({ ...base, switches, sandboxes }, run);
      for (let at = 0; at < calm.calls; at += 1) {
        for (const act of actsWith(base.keys)) yield await play({ ...calm.schedule, acts: [{ at, act }] }, run);
      }
    }
  }
}

/** A step that is run twice at once, in several orders of what happens. */
export async function* everyRace(run: RunStep, switches = HARSHEST, base: Schedule = CALM): AsyncGenerator<Played> {
  const { calls } = await play({ ...base, switches, sandboxes: COLD }, run);
  for (const repeat of ['createSecret', 'testSecret', 'finishSecret'] as const) {
    for (const order of [[1], [2], [0, 1], [5, 0, 3]]) {
      for (let at = 1; at <= calls; at += 1) {
        yield await play({ ...base, switches, sandboxes: COLD, order, acts: [{ at, act: { repeat } }] }, run);
      }
    }
  }
}

/**
 * What is not a step of a rotation: a rotation that is started by an event, in every shape that starts one, with every
 * mishap; events that are none; and checks, with every mishap, and in every state that an act leaves.
 */
export async function* everyEvent(run: RunStep): AsyncGenerator<Played> {
  for (const startedBy of ['event', 'olderEvent'] as const) {
    const calm = await play({ ...CALM, startedBy }, run);
    yield calm;
    if (startedBy === 'event') yield* everyNext(calm, 0, run, [false, true]);
  }
  for (const damage of DAMAGES) yield await play({ ...CALM, acts: [{ at: 1, act: { damage } }] }, run);
  for (const act of ['check', 'checkMany', 'revokeRetired', 'revokeMany'] as const) {
    const at = 9;
    const calm = await play({ ...CALM, acts: [{ at, act }] }, run);
    yield calm;
    yield* everyNext(calm, at, run, [false, true]);
    for (const first of HAND_ACTS) {
      const acts = [
        { at: 5, act: first },
        { at: 99, act },
      ];
      yield await play({ ...CALM, acts }, run);
    }
  }
}

/**
 * Keys that expire shortly before and shortly after the next rotation is sure to have started, by every kind of schedule;
 * and keys that have expired when a rotation goes on.
 */
export async function* everyRule(run: RunStep): AsyncGenerator<Played> {
  const issuedAt = STARTS_AT + 120_000;
  for (const rules of RULES) {
    const wanted = latestStart(rules, issuedAt) - issuedAt;
    const margin = uncertainty(rules) + 3000;
    for (const ms of [wanted - margin, wanted + margin]) {
      yield await play({ ...CALM, rules, lifetime: Math.round(ms / 1000) }, run);
    }
  }
  for (let at = 0; at < 9; at += 1) {
    const mishaps = [{ at, mishap: 'denied', stays: true }] as const;
    yield await play({ ...CALM, mishaps, lifetime: 6 * 60 * 60, pauseMs: 7 * 60 * 60 * 1000 }, run);
  }
}

/** Each act while a call that failed is waited for to be made again. */
export async function* everyActInAPause(run: RunStep, base: Schedule = CALM): AsyncGenerator<Played> {
  const { calls } = await play(base, run);
  for (let at = 0; at < calls; at += 1) {
    for (const mishap of ['throttled', 'lost'] as const) {
      for (const act of actsWith(base.keys)) {
        yield await play({ ...base, mishaps: [{ at, mishap }], acts: [{ at: at + 1, act }] }, run);
      }
    }
  }
}

/** Hardly any time, with answers that do not come, or come late, and keys that are not known at once. */
export async function* everyHurry(run: RunStep, base: Schedule = CALM): AsyncGenerator<Played> {
  for (const remainingMs of [10_000, 3000, 1000, 100]) {
    for (const newKeyKnownAfterCalls of [0, 3]) {
      const switches = { ...LIKELIEST, momento: { newKeyKnownAfterCalls } };
      const hurried = await play({ ...base, remainingMs, switches }, run);
      yield hurried;
      for (let at = 0; at < hurried.calls; at += 1) {
        for (const mishap of ['slow', 'silence', 'throttled'] as const) {
          yield await play({ ...hurried.schedule, mishaps: [{ at, mishap, stays: true }] }, run);
        }
      }
    }
  }
}

/** After each act every mishap. */
export async function* everyActAndMishap(run: RunStep): AsyncGenerator<Played> {
  for await (const acted of everyAct(run)) yield* everyNext(acted, acted.schedule.acts[0]?.at ?? 0, run, [false]);
}

/** Plays a schedule with each mishap added in each of its calls from one on. */
export async function* everyNext(base: Played, from: number, run: RunStep, stays: boolean[]): AsyncGenerator<Played> {
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
