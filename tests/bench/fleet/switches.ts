import type { Random } from './random.ts';

/** How Secrets Manager spreads rotations that are due in one window. It says only that it may be any time within the window. */
export const SPREADS = ['at-once', 'evenly', 'random'] as const;
export type Spread = (typeof SPREADS)[number];

/** What AWS does not document, and the figures depend on. */
export interface Switches {
  spread: Spread;
  /** Of the rotation window, in minutes. */
  window: number;
  /** Seconds from the failure of a rotation to the first retry. */
  retryPause: number;
  /** How many times as long each further pause is. */
  retryGrowth: number;
  /** The longest pause, in seconds. */
  retryMost: number;
  /** How much of a pause is drawn, in percent. */
  retryJitter: number;
}

export function describeSwitches({
  spread,
  window,
  retryPause,
  retryGrowth,
  retryMost,
  retryJitter,
}: Switches): string {
  const due =
    spread === 'at-once' ? 'due at once' : `due ${spread === 'evenly' ? 'evenly' : 'at random'} over ${window} min`;
  return `${due}; tried again after ${retryPause} s, × ${retryGrowth} each time up to ${retryMost} s, ${retryJitter} % of it drawn`;
}

/** When the rotation of each secret is due, in milliseconds from the beginning of the window. */
export function duesOf({ spread, window }: Switches, count: number, random: Random): number[] {
  const windowMs = window * 60_000;
  return Array.from({ length: count }, (_, index) => {
    if (spread === 'at-once') return 0;
    return Math.floor(spread === 'evenly' ? (index * windowMs) / count : random() * windowMs);
  });
}

/** How long Secrets Manager waits after a rotation failed for the `nth` time, in milliseconds. */
export function retryAfter(switches: Switches, nth: number, random: Random): number {
  const { retryPause, retryGrowth, retryMost, retryJitter } = switches;
  const seconds = Math.min(retryMost, retryPause * retryGrowth ** (nth - 1));
  return Math.floor(1000 * seconds * (1 - (retryJitter / 100) * random()));
}
