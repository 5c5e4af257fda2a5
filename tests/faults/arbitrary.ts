import fc from 'fast-check';
import { DAMAGES } from './events.ts';
import { MISHAPS } from './mishaps.ts';
import { RULES } from './rules.ts';
import { ACTS, type Act, type Schedule, type Switches } from './schedule.ts';

const switches: fc.Arbitrary<Switches> = fc.record({
  secretsManager: fc.record({
    pendingCreatedDate: fc.constantFrom('stored', 'registered'),
    restageOnRetry: fc.boolean(),
    rotationToken: fc.boolean(),
    pendingAfterSuccess: fc.constantFrom('kept', 'removed'),
    promoteEmptyVersion: fc.boolean(),
  }),
  momento: fc.record({
    refreshTokenReuse: fc.constantFrom('allowed', 'refused'),
    newKeyKnownAfterCalls: fc.constantFrom(0, 0, 1, 3),
  }),
  permitted: fc.boolean(),
});

const DAY_MS = 86_400_000;

const anyAct: fc.Arbitrary<Act> = fc.oneof(
  { arbitrary: fc.constantFrom(...ACTS), weight: 30 },
  { arbitrary: fc.constantFrom(...DAMAGES).map((damage) => ({ damage })), weight: 1 },
);

const at = fc.nat({ max: 25 });

/** Any schedule of some mishaps, some acts of others, and any order of what happens at once. */
export const anySchedule: fc.Arbitrary<Schedule> = fc.record({
  switches,
  mishaps: fc.uniqueArray(
    fc
      .record({ at, mishap: fc.constantFrom(...MISHAPS), stays: fc.boolean() })
      .map(({ stays, ...mishap }) => (stays ? { ...mishap, stays } : mishap)),
    { maxLength: 4, selector: (mishap) => mishap.at },
  ),
  acts: fc.array(fc.record({ at, act: anyAct }), { maxLength: 4 }),
  sandboxes: fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 4 }),
  order: fc.array(fc.nat({ max: 7 }), { minLength: 1, maxLength: 12 }),
  retries: fc.nat({ max: 2 }),
  pauseMs: fc.constantFrom(0, 300_000, 2 * DAY_MS, 40 * DAY_MS),
  start: fc.constantFrom('good', 'good', 'good', 'good', 'good', 'good', 'good', 'noValue'),
  startedBy: fc.constantFrom('service', 'service', 'service', 'event', 'olderEvent'),
  rules: fc.constantFrom(...RULES),
  lifetime: fc.constantFrom(30 * 86_400, 30 * 86_400, 30 * 86_400, 30 * 86_400, 30 * 86_400, 6 * 3_600),
  gapMs: fc.constantFrom(0, 0, 120_000),
  remainingMs: fc.constantFrom(30_000, 30_000, 10_000, 3_000),
});
