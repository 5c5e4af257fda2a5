import { Duplex } from 'node:stream';
import type { VirtualTime } from './virtual-time.ts';

/** How long bytes take from one end to the other, in milliseconds. With an answer at once, a call takes twice that. */
const ONE_WAY_MS = 2.5;

/** TCP's handshake, and TLS 1.3's. */
const ROUND_TRIPS_TO_OPEN = 2;

/** The ends of a connection: what one writes the other reads, some milliseconds later. */
export function connect(time: VirtualTime): { near: Duplex; far: Duplex; openMs: number } {
  const openMs = ROUND_TRIPS_TO_OPEN * 2 * ONE_WAY_MS;
  const opensAt = time.now() + openMs;
  const near: End = new End(time, opensAt, () => far);
  const far: End = new End(time, opensAt, () => near);
  return { near, far, openMs };
}

/** What HTTP, HTTP/2 and gRPC ask of a socket. */
class End extends Duplex {
  readonly remoteAddress = '127.0.0.1';
  readonly connecting = false;
  readonly #time: VirtualTime;
  readonly #opensAt: number;
  readonly #peer: () => End;

  constructor(time: VirtualTime, opensAt: number, peer: () => End) {
    super({ allowHalfOpen: false });
    this.#time = time;
    this.#opensAt = opensAt;
    this.#peer = peer;
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#send(chunk);
    done();
  }

  override _final(done: () => void): void {
    this.#send(null);
    done();
  }

  override _read(): void {}

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#send(null);
    done(error);
  }

  #send(chunk: Buffer | null): void {
    const time = this.#time;
    time.stir();
    const waitMs = Math.max(0, this.#opensAt - time.now()) + ONE_WAY_MS;
    time.clock.setTimeout(() => {
      time.stir();
      const peer = this.#peer();
      if (!peer.destroyed && !peer.readableEnded) peer.push(chunk);
    }, waitMs);
  }

  setKeepAlive = () => this;
  setNoDelay = () => this;
  setTimeout = () => this;
  ref = () => this;
  unref = () => this;
}
