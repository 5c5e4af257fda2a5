import { withDeadline } from './deadline.ts';
import type { SecretSource, SecretVersion } from './source.ts';

export interface SecretReaderOptions {
  secretId: string;
  source: SecretSource;
  /** How long one read may take, in milliseconds. */
  timeoutMs: number;
  /** Whether a read may begin now. */
  mayBegin(): boolean;
  /** Gets what was read. If it throws, the read has failed. */
  accept(version: SecretVersion, forced: boolean): void;
  /** Gets the error of a read that failed. */
  fail(error: unknown): void;
}

/** Reads a secret, one read at a time. */
export interface SecretReader {
  /**
   * Reads the secret, or joins the read that is under way.
   * @param forced past caches. A read under way that is not forced is given up for one that is.
   * @returns undefined if there is none, because it may not begin
   */
  read(forced: boolean): Flight | undefined;
  /** Gives up the read under way, and begins no other. */
  close(): void;
}

/** A read that is under way. */
export interface Flight {
  /** Epoch in milliseconds. */
  readonly startedAt: number;
  /**
   * Never rejects. It may resolve with nothing said: another read took its place, or a freeze interrupted it.
   */
  readonly landed: Promise<void>;
}

/** A deadline that is so late was not missed by the read: nothing went on here meanwhile. */
const INTERRUPTION_MS = 1000;

export function secretReader(options: SecretReaderOptions): SecretReader {
  const { secretId, source, timeoutMs, mayBegin, accept, fail } = options;
  let underWay: (Flight & { forced: boolean; abort: AbortController }) | undefined;
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
    if (underWay?.abort !== abort) return;
    underWay = undefined;
    const interrupted = abort.signal.aborted && Date.now() > startedAt + timeoutMs + INTERRUPTION_MS;
    if (closed || interrupted) return;
    try {
      outcome();
    } catch (error) {
      fail(error);
    }
  }

  return {
    read(forced) {
      const now = Date.now();
      // A read is over at its deadline, also if its timer was frozen and has not gone off.
      if (underWay && now - underWay.startedAt < timeoutMs && (underWay.forced || !forced)) return underWay;
      if (closed || !mayBegin()) return undefined;
      underWay?.abort.abort();
      const abort = new AbortController();
      underWay = { startedAt: now, forced, abort, landed: land(now, abort, forced) };
      return underWay;
    },
    close() {
      closed = true;
      underWay?.abort.abort();
    },
  };
}
