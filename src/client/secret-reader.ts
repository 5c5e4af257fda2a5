import { withDeadline } from './deadline.ts';
import type { SecretSource, SecretVersion } from './source.ts';

export interface SecretReaderOptions {
  secretId: string;
  source: SecretSource;
  /** How long one read may take, in milliseconds. */
  timeoutMs: number;
  /** Gets what was read. If it throws, the read has failed. */
  accept(version: SecretVersion, forced: boolean): void;
  /** Gets the error of a read that failed. */
  fail(error: unknown): void;
}

/** Reads a secret: one read at a time, and less and less often as long as it is of no use. */
export interface SecretReader {
  /**
   * Reads the secret, waits for the read that is under way, or does nothing if it is too early. Never rejects. It may end
   * with nothing said: another read took its place, or a freeze interrupted it.
   * @param forced past caches. A read under way that is not forced is given up for one that is.
   */
  read(forced: boolean): Promise<void>;
  isReading(): boolean;
  /** Whether the last read failed. */
  isFailing(): boolean;
  /** Whether it is too early to read again. */
  isPostponed(): boolean;
  /** Says that a read was of no use. The next may begin in a second, then in two, and so on up to a minute. */
  postpone(): void;
  /** Says that the next read may begin at any time. */
  resume(): void;
  /** Gives up the read under way, and begins no other. */
  close(): void;
}

interface Flight {
  readonly startedAt: number;
  readonly forced: boolean;
  readonly abort: AbortController;
  readonly landed: Promise<void>;
}

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;
/** A deadline that is so late was not missed by the read: nothing went on here meanwhile. */
const INTERRUPTION_MS = 1000;

export function secretReader({ secretId, source, timeoutMs, accept, fail }: SecretReaderOptions): SecretReader {
  let flight: Flight | undefined;
  let failing = false;
  let pauses = 0;
  let pausedAt = 0;
  let pauseMs = 0;
  let closed = false;

  async function land(startedAt: number, abort: AbortController, forced: boolean): Promise<void> {
    const request = { secretId, refused: forced, signal: abort.signal };
    const outcome = await withDeadline(timeoutMs, abort, () => source.read(request)).then(
      (version) => () => accept(version, forced),
      (error: unknown) => () => {
        throw error;
      },
    );
    // Somebody gave this read up and began another, whose answer is newer.
    if (flight?.abort !== abort) return;
    flight = undefined;
    const interrupted = abort.signal.aborted && Date.now() > startedAt + timeoutMs + INTERRUPTION_MS;
    if (closed || interrupted) return;
    try {
      outcome();
      failing = false;
    } catch (error) {
      failing = true;
      postpone();
      fail(error);
    }
  }

  function postpone(): void {
    pausedAt = Date.now();
    pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** pauses);
    pauses += 1;
  }

  const isPostponed = () => isWithin(pauseMs, pausedAt);

  return {
    read(forced) {
      const now = Date.now();
      // A read is over at its deadline, also if its timer was frozen and has not gone off.
      if (flight && now - flight.startedAt < timeoutMs && (flight.forced || !forced)) return flight.landed;
      if (closed || isPostponed()) return Promise.resolve();
      flight?.abort.abort();
      const abort = new AbortController();
      flight = { startedAt: now, forced, abort, landed: land(now, abort, forced) };
      return flight.landed;
    },
    isReading: () => flight !== undefined,
    isFailing: () => failing,
    isPostponed,
    postpone,
    resume() {
      pauses = 0;
      pauseMs = 0;
    },
    close() {
      closed = true;
      flight?.abort.abort();
    },
  };
}

/** Whether that time has begun and is not over. A clock that was set back has not seen it begin. */
export function isWithin(ms: number, since: number): boolean {
  const age = Date.now() - since;
  return age >= 0 && age < ms;
}
