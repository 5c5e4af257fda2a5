import { LIFE, rotation } from './lives.ts';
import { type Act, LIKELIEST, type Moment, type Schedule } from './schedule.ts';
import { MANAGED } from './v2.ts';

const DAY_MS = 86_400_000;

/** Schedules by which the campaign once found that an invariant did not hold. */
export const found: readonly [string, Partial<Schedule>][] = [
  [
    'a key that may have been issued is reported although the look that follows is refused',
    {
      mishaps: [
        { at: 3, mishap: 'lost' },
        { at: 4, mishap: 'denied' },
      ],
    },
  ],
  [
    'a key that may have been issued is reported although another value is found',
    { mishaps: [{ at: 3, mishap: 'lost' }], acts: [{ at: 4, act: 'putPending' }] },
  ],
  [
    'createSecret does not call an empty version done that an operator made current',
    { acts: [{ at: 0, act: 'promoteByHand' }] },
  ],
  [
    'a move that is refused because its own first attempt came late calls for no human, although nobody could look',
    {
      mishaps: [
        { at: 8, mishap: 'later' },
        { at: 11, mishap: 'lost', stays: true },
      ],
    },
  ],
  [
    'a check of a secret whose rotation was cancelled half way says what has to be cleared before it can be turned on',
    {
      acts: [
        { at: 5, act: 'cancel' },
        { at: 99, act: 'check' },
      ],
    },
  ],
  [
    'a sandbox whose successor could not be stored does not give up what another one stored',
    {
      sandboxes: [1, 0, 0, 0, 1],
      retries: 0,
      mishaps: [{ at: 4, mishap: 'refused', stays: true }],
      acts: [{ at: 99, act: 'moveToFresh' }],
    },
  ],
  [
    'a step of a rotation that was cancelled says where the label is now, not where it was',
    {
      retries: 0,
      acts: [
        { at: 0, act: 'stagePrevious' },
        { at: 1, act: { repeat: 'createSecret' } },
        { at: 0, act: 'cancel' },
      ],
    },
  ],
  [
    'a revocation is made again only after a look at who holds the key by then',
    { ...MANAGED, mishaps: [{ at: 16, mishap: 'throttled' }], acts: [{ at: 17, act: 'moveToOlder' }] },
  ],
  [
    'a key that was promoted by a rotation that was not completed is not taken for one that never was current',
    {
      ...MANAGED,
      mishaps: [{ at: 10, mishap: 'killedAfter' }],
      acts: [
        { at: 11, act: 'put' },
        { at: 11, act: 'put' },
      ],
    },
  ],
  [
    'the version that an operator went back to, and that was rotated from, keeps its key for the overlap, although the register lags behind',
    {
      ...MANAGED,
      switches: { ...LIKELIEST, momento: { newKeyListedAfterLists: 1 } },
      mishaps: [{ at: 10, mishap: 'killedAfter' }],
      acts: [{ at: 0, act: 'rollBack' }],
    },
  ],
  [
    'a key that was current, and given up after an operator moved the label twice, is kept for the overlap',
    {
      ...MANAGED,
      acts: [
        { at: 11, act: 'moveToOlder' },
        { at: 20, act: 'moveToFresh' },
      ],
    },
  ],
  [
    'a move that is refused because another sandbox was faster calls for no human, although nobody could look',
    {
      sandboxes: [0, 1, 2, 3],
      order: [1],
      retries: 0,
      acts: [{ at: 6, act: { repeat: 'finishSecret' } }],
      mishaps: [{ at: 19, mishap: 'refused', stays: true }],
    },
  ],
  [
    'what an operator went back from is not promoted again, although AWSPENDING stayed on it',
    { ...LIFE, life: [by('rollBack'), rotation(5000)] },
  ],
  [
    'nor is it when they went back once more, and took AWSPREVIOUS along',
    { ...LIFE, sandboxes: [0, 1, 0], life: [by('rollBack'), by('moveToOlder'), rotation(0)] },
  ],
  [
    'a key that was current for some minutes, because somebody went back and a rotation followed, is kept for the overlap',
    { ...LIFE, revokesHourly: true, life: [rotation(0), by('rollBack'), rotation(3_540_000), by('check', 3_660_000)] },
  ],
  ['the role in a value gives it no key of that role', { ...LIFE, life: [by('writeRole'), rotation(0)] }],
  [
    'the role of each secret is the one that is configured for it',
    { ...LIFE, keys: 'broughtOver', secrets: 'threeRoles', life: [{ ...rotation(0), secret: 1 }] },
  ],
  ['no key is sent to the host in a value', { ...LIFE, life: [by('writeHost'), rotation(0)] }],
  [
    'nor to the host in the value of the version in rotation',
    { ...LIFE, acts: [{ at: 0, act: 'fillHost' }], life: [rotation(0)] },
  ],
  ['the secret that a value names manages nothing', { ...LIFE, life: [by('writeAdminSecret'), rotation(0)] }],
  [
    'the key whose id a value names is none of the secret',
    { ...LIFE, life: [by('writeKeyId'), rotation(DAY_MS), rotation(DAY_MS)] },
  ],
  [
    'a key that was copied into a second secret is not revoked from there',
    { ...LIFE, life: [by('writeCopy'), rotation(DAY_MS), rotation(DAY_MS)] },
  ],
  [
    'a key whose description is a copy is left alone, also when the original is gone',
    { ...LIFE, earlier: [], life: [rotation(0), by('rollBack', DAY_MS), by('copyDescription')] },
  ],
  [
    'what alone tells of a first key is not revoked by the clock either, as long as that one is held by a label',
    {
      keys: 'managed',
      hasOptedIn: true,
      revokesHourly: true,
      earlier: [5000],
      further: [DAY_MS],
      retries: 0,
      pauseMs: 5000,
      acts: [{ at: 13, act: 'stageOlder' }],
    },
  ],
  [
    'a first key that was made by hand is not revoked by itself',
    { ...LIFE, earlier: [], life: [rotation(DAY_MS), rotation(DAY_MS)] },
  ],
];

function by(act: Act, afterMs = 0): Moment {
  return { afterMs, secret: 0, what: act };
}
