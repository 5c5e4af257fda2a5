import fc from 'fast-check';
import { DAMAGES } from './events.ts';
import { MISHAPS } from './mishaps.ts';
import { RULES } from './rules.ts';
import {
  type Act,
  actsWith,
  HAND_ACTS,
  HOSTILE_ACTS,
  type Keys,
  LABEL_ACTS,
  type Moment,
  OLDER_ACTS,
  type Schedule,
  type Switches,
} from './schedule.ts';

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

const anyAct = (keys: Keys): fc.Arbitrary<Act> =>
  fc.oneof(
    { arbitrary: fc.constantFrom(...actsWith(keys)), weight: 30 },
    { arbitrary: fc.constantFrom(...DAMAGES).map((damage) => ({ damage })), weight: 1 },
  );

/** What is drawn whichever keys there are. */
const common = (keys: Keys, at: fc.Arbitrary<number>) => ({
  mishaps: fc.uniqueArray(
    fc
      .record({ at, mishap: fc.constantFrom(...MISHAPS), stays: fc.boolean() })
      .map(({ stays, ...mishap }) => (stays ? { ...mishap, stays } : mishap)),
    { maxLength: 4, selector: (mishap) => mishap.at },
  ),
  acts: fc.array(fc.record({ at, act: anyAct(keys) }), { maxLength: 4 }),
  sandboxes: fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 4 }),
  order: fc.array(fc.nat({ max: 7 }), { minLength: 1, maxLength: 12 }),
  retries: fc.nat({ max: 2 }),
  start: fc.constantFrom('good', 'good', 'good', 'good', 'good', 'good', 'good', 'noValue'),
  startedBy: fc.constantFrom('service', 'service', 'service', 'event', 'olderEvent'),
  rules: fc.constantFrom(...RULES),
  gapMs: fc.constantFrom(0, 0, 120_000),
  remainingMs: fc.constantFrom(30_000, 30_000, 10_000, 3_000),
});

/** Any schedule of some mishaps, some acts of others, and any order of what happens at once. */
export const anySchedule: fc.Arbitrary<Schedule> = fc.record({
  ...common('v1', fc.nat({ max: 25 })),
  switches,
  keys: fc.constant('v1'),
  secrets: fc.constant('one'),
  hasOptedIn: fc.constant(false),
  aheadMs: fc.constant(0),
  life: fc.constant([]),
  revokesHourly: fc.constant(false),
  earlier: fc.constant([]),
  further: fc.constant([]),
  pauseMs: fc.constantFrom(0, 300_000, 2 * DAY_MS, 40 * DAY_MS),
  lifetime: fc.constantFrom(30 * 86_400, 30 * 86_400, 30 * 86_400, 30 * 86_400, 30 * 86_400, 6 * 3_600),
});

/** What Momento's register of keys may do, too. */
const register = fc.record({
  newKeyListedAfterLists: fc.constantFrom(0, 0, 1),
  revokedKeyListedForLists: fc.constantFrom(0, 0, 2),
  secondRevocation: fc.constantFrom('NOT_FOUND', 'OK'),
  expiredKeys: fc.constantFrom('forgotten', 'kept'),
  listOrder: fc.constantFrom('oldestFirst', 'newestFirst'),
  defaultPageSize: fc.constantFrom(100, 100, 3, 1),
  paging: fc.constantFrom('stable', 'sparse', 'shifting'),
});

const PAUSES_MS = [5_000, 60_000, 3_540_000, 3_660_000, DAY_MS, DAY_MS];

const MINUTE_MS = 60_000;

/** The same for v2 keys, and several rotations, in quick succession and days apart. */
export const anyV2Schedule: fc.Arbitrary<Schedule> = fc
  .record({
    ...common('managed', fc.nat({ max: 40 })),
    switches,
    register,
    keys: fc.constantFrom('managed', 'managed', 'selfManaged', 'broughtOver'),
    secrets: fc.constant<'one'>('one'),
    hasOptedIn: fc.boolean(),
    aheadMs: fc.constantFrom(0, 0, -15 * MINUTE_MS, 15 * MINUTE_MS),
    life: fc.constant([]),
    revokesHourly: fc.boolean(),
    earlier: fc.array(fc.constantFrom(...PAUSES_MS), { maxLength: 3 }),
    further: fc.array(fc.constantFrom(...PAUSES_MS), { maxLength: 2 }),
    // Dates are of whole seconds.
    pauseMs: fc.constantFrom(5_000, 300_000, 7_200_000, 2 * DAY_MS),
    lifetime: fc.constant(30 * 86_400),
  })
  .map(({ register, switches, earlier, ...schedule }) => ({
    ...schedule,
    // Without a value none goes well.
    earlier: schedule.start === 'noValue' ? [] : earlier,
    switches: { ...switches, momento: { ...switches.momento, ...register } },
  }));

/** A replica can only be rotated elsewhere, and no life goes on. */
const BETWEEN_ROTATIONS = [...HAND_ACTS, ...OLDER_ACTS, ...LABEL_ACTS].filter((act) => act !== 'replicate');

const anyMoment: fc.Arbitrary<Moment> = fc.record({
  afterMs: fc.constantFrom(0, 5_000, MINUTE_MS, 10 * MINUTE_MS, 50 * MINUTE_MS, 3_540_000, 3_660_000, DAY_MS, DAY_MS),
  secret: fc.constantFrom(0, 0, 0, 1, 2),
  what: fc.oneof(
    { arbitrary: fc.constant('rotation' as const), weight: 8 },
    { arbitrary: fc.constantFrom('rollBack' as const, 'moveToOlder' as const), weight: 5 },
    { arbitrary: fc.constantFrom(...BETWEEN_ROTATIONS), weight: 4 },
    { arbitrary: fc.constantFrom(...HOSTILE_ACTS), weight: 2 },
    { arbitrary: fc.constantFrom('check' as const, 'revokeRetired' as const), weight: 1 },
  ),
});

/**
 * Lives of up to three secrets: rotations, and what operators and others do between them and in them, by clocks that are up to
 * a quarter of an hour apart, with a register that knows new keys late, and some mishaps.
 */
export const anyLife: fc.Arbitrary<Schedule> = fc
  .record({
    ...common('managed', fc.nat({ max: 160 })),
    switches,
    register,
    newKeyListedAfterSeconds: fc.constantFrom(0, 0, 20, 300),
    secrets: fc.constantFrom('one', 'three', 'three', 'threeRoles'),
    ownKeys: fc.constantFrom('managed', 'managed', 'selfManaged', 'broughtOver'),
    hasOptedIn: fc.boolean(),
    aheadMs: fc.oneof(fc.constant(0), fc.integer({ min: -15 * MINUTE_MS, max: 15 * MINUTE_MS })),
    life: fc.array(anyMoment, { minLength: 1, maxLength: 16 }),
    revokesHourly: fc.boolean(),
    earlier: fc.constantFrom([], [DAY_MS, DAY_MS]),
    pauseMs: fc.constantFrom(5_000, 300_000, 7_200_000),
  })
  .map(({ register, newKeyListedAfterSeconds, switches, ownKeys, ...schedule }) => ({
    ...schedule,
    // Of three secrets one has the key that manages the others.
    keys: schedule.secrets === 'one' || ownKeys === 'broughtOver' ? ownKeys : 'managed',
    start: 'good',
    startedBy: 'service',
    further: [],
    lifetime: 60 * 86_400,
    switches: { ...switches, momento: { ...switches.momento, ...register, newKeyListedAfterSeconds } },
  }));
