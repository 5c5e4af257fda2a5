import { createClock } from '@sinonjs/fake-timers';

/** Time that passes only where nobody has anything left to do. */
export interface VirtualTime {
  /** Milliseconds since the epoch. */
  now(): number;
  /** What stands for `Date` and the timers of those who live in it. */
  readonly clock: ReturnType<typeof createClock>;
  /** To be called for whatever happens in it. */
  stir(): void;
  /** Passes until `isOver`, from one timer to the next. @throws if there is none */
  pass(isOver: () => boolean): Promise<void>;
}

/**
 * Turns of Node.js's event loop without any stir after which everybody is taken to wait. Between two stirs lie at most promises,
 * ticks and an immediate or two: there is no socket and no file.
 */
const QUIET_TURNS = 4;

export function startVirtualTime(startsAt: number): VirtualTime {
  const clock = createClock(startsAt);
  let stirs = 0;

  async function settle(): Promise<void> {
    for (let quiet = 0; quiet < QUIET_TURNS; ) {
      const before = stirs;
      await new Promise((resolve) => setImmediate(resolve));
      quiet = stirs === before ? quiet + 1 : 0;
    }
  }

  return {
    clock,
    now: () => clock.now,
    stir() {
      stirs += 1;
    },
    async pass(isOver) {
      for (;;) {
        await settle();
        if (isOver()) return;
        if (clock.countTimers() === 0) throw new Error('Everybody waits, and for nothing.');
        clock.next();
      }
    },
  };
}
