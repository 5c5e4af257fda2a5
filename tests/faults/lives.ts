import type { RunStep } from './entry-point.ts';
import { HARSHEST } from './exhaustive.ts';
import { type Played, play } from './play.ts';
import {
  type Act,
  CALM,
  HAND_ACTS,
  HOSTILE_ACTS,
  LABEL_ACTS,
  LIKELIEST,
  type Moment,
  OLDER_ACTS,
  type Schedule,
} from './schedule.ts';

/** What is played between rotations, with three secrets: one life after the other, the short ones first. */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Of three secrets. Two rotations of the first one went well before. */
export const LIFE: Schedule = {
  ...CALM,
  keys: 'managed',
  secrets: 'three',
  earlier: [DAY_MS, DAY_MS],
  pauseMs: 5000,
  retries: 0,
};

const CLOCKS_MS = [0, -15 * MINUTE_MS, 15 * MINUTE_MS];

/** A replica can only be rotated elsewhere. */
const ACTS: readonly Act[] = [...HOSTILE_ACTS, ...LABEL_ACTS, ...OLDER_ACTS, ...HAND_ACTS].filter(
  (act) => act !== 'replicate',
);

/** What leaves other labels on versions than a rotation does. */
const MOVES: readonly Act[] = [
  'rollBack',
  'moveToOlder',
  'moveToFresh',
  'put',
  'putPrevious',
  'putOlder',
  'labelPrevious',
  'labelCurrent',
  'unlabel',
  'unstage',
  'stagePrevious',
  'stageOlder',
  'cancel',
];

type Parts = Record<string, () => AsyncGenerator<Played>>;

/** The parts of the campaign that `npm run test:all` plays, too. */
export const lives = (run: RunStep): Parts => ({
  'lives: rotations at every distance': () => everyDistance(run),
  'lives: every act between rotations': () => everyActBetween(run),
  'lives: every two moves, and a rotation after them': () => everyTwoMoves(run),
  'lives: every two moves while a rotation hangs': () => everyTwoMovesMeanwhile(run),
  'lives: every hostile act, where first keys are revoked': () => everyHostileAct(run),
});

/** Small enough to be played for every mutant. */
export const smallLives = (run: RunStep): Parts => ({
  'lives: every act between rotations': () => everyActBetween(run),
  'lives: every hostile act, where first keys are revoked': () => everyHostileAct(run),
});

/** Where a function is looked for that has something wrong with it. */
export const simpleLives = (run: RunStep): AsyncGenerator<Played>[] => [
  everyDistance(run),
  everyActBetween(run),
  everyTwoMoves(run),
  everyTwoMovesMeanwhile(run),
];

export const rotation = (afterMs: number): Moment => ({ afterMs, secret: 0, what: 'rotation' });

/** By every clock, around the overlap too, where what is superseded is revoked by the next rotation, and by an event. */
export async function* everyDistance(run: RunStep): AsyncGenerator<Played> {
  const distances = [5000, 50 * MINUTE_MS, HOUR_MS - 5000, HOUR_MS + 5000];
  for (const aheadMs of CLOCKS_MS) {
    for (const revokesHourly of [false, true]) {
      for (const one of distances) {
        for (const other of distances) {
          const life = [rotation(one), rotation(other), rotation(one)];
          yield await play({ ...LIFE, aheadMs, revokesHourly, life }, run);
        }
      }
    }
  }
}

/** By every clock, where what is superseded is revoked by the next rotation, and by an event. */
async function* everyActBetween(run: RunStep): AsyncGenerator<Played> {
  for (const what of ACTS) {
    for (const aheadMs of CLOCKS_MS) {
      for (const revokesHourly of [false, true]) {
        const base: Schedule = { ...LIFE, aheadMs, revokesHourly, switches: revokesHourly ? HARSHEST : LIKELIEST };
        const moments: Moment[] = [{ afterMs: 5000, secret: 0, what }, rotation(MINUTE_MS), rotation(DAY_MS)];
        yield await play({ ...base, life: moments }, run);
        yield await play(
          { ...base, acts: [{ at: 7, act: what }], life: [rotation(5000), rotation(50 * MINUTE_MS)] },
          run,
        );
      }
    }
  }
}

/** With first keys that were made by hand, and with none. */
async function* everyHostileAct(run: RunStep): AsyncGenerator<Played> {
  for (const what of HOSTILE_ACTS) {
    for (const earlier of [[], LIFE.earlier]) {
      for (const revokesHourly of [false, true]) {
        const rotations = Array.from({ length: 3 }, () => rotation(DAY_MS));
        const life: Moment[] = [...rotations, { afterMs: 5000, secret: 0, what }, ...rotations];
        yield await play({ ...LIFE, earlier, revokesHourly, hasOptedIn: true, life }, run);
        yield await play({ ...LIFE, earlier, revokesHourly, hasOptedIn: true, life: life.slice(3) }, run);
      }
    }
  }
}

/** One after the other, shortly before a rotation or shortly after one, and rotations within the overlap and after it. */
async function* everyTwoMoves(run: RunStep): AsyncGenerator<Played> {
  for (const one of MOVES) {
    for (const other of MOVES) {
      for (const [before, between, after] of [
        [5000, 5000, MINUTE_MS],
        [50 * MINUTE_MS, MINUTE_MS, 50 * MINUTE_MS],
        [DAY_MS, 50 * MINUTE_MS, 5000],
      ] as const) {
        const life: Moment[] = [
          rotation(MINUTE_MS),
          { afterMs: before, secret: 0, what: one },
          { afterMs: between, secret: 0, what: other },
          rotation(after),
          rotation(after),
        ];
        yield await play({ ...LIFE, sandboxes: [0, 1, 2, 3], life }, run);
      }
    }
  }
}

/** One after the other, while a version is pending that is promoted later; and another rotation soon after that. */
async function* everyTwoMovesMeanwhile(run: RunStep): AsyncGenerator<Played> {
  const mishaps = [{ at: PING, mishap: 'killedBefore' }] as const;
  for (const one of MOVES) {
    for (const other of MOVES) {
      const life: Moment[] = [
        rotation(MINUTE_MS),
        { afterMs: HOUR_MS, secret: 0, what: one },
        { afterMs: 50 * MINUTE_MS, secret: 0, what: other },
        rotation(MINUTE_MS),
        rotation(MINUTE_MS),
      ];
      yield await play({ ...LIFE, mishaps, sandboxes: [0, 1, 2, 3], life }, run);
    }
  }
}

/** Which of the calls of a managed key's rotation is the first ping. */
const PING = 8;
