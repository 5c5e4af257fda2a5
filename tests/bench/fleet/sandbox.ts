import { Agent } from 'node:http';
import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import { type Duplex, Writable } from 'node:stream';
import type { CompiledFunction } from './compiled-function.ts';
import { connect } from './network.ts';
import type { Random } from './random.ts';
import type { VirtualTime } from './virtual-time.ts';

/** Serves the far end of a connection. */
export type Accept = (connection: Duplex) => void;

export interface SandboxOptions {
  evaluate: CompiledFunction;
  time: VirtualTime;
  random: Random;
  environment: Readonly<Record<string, string>>;
  /** Who listens, by ports of loopback. */
  listeners: ReadonlyMap<number, Accept>;
  onLog(line: string): void;
}

/** One sandbox of the function, as far as the function can tell: in truth many live in this process, in virtual time. */
export interface Sandbox {
  /** Resolves when it is initialised. */
  readonly ready: Promise<unknown>;
  /** Has it handle an event, before a time in epoch milliseconds. */
  invoke(event: unknown, deadline: number): Promise<unknown>;
  /** How long it has paused so far, in milliseconds. */
  readonly pausedMs: number;
  end(): void;
}

type Handler = (event: unknown, context: object) => Promise<unknown>;

const requireHere = createRequire(import.meta.url);

export function startSandbox({ evaluate, time, random, environment, listeners, onLog }: SandboxOptions): Sandbox {
  const connections = new Set<Duplex>();
  /** Timers that came due while it was frozen. */
  const overdue: (() => void)[] = [];
  let isFrozen = false;
  let pausedMs = 0;

  const { clock } = time;
  const whenThawed = (fire: () => void) => () => {
    time.stir();
    if (isFrozen) overdue.push(fire);
    else fire();
  };
  const setTimer: typeof clock.setTimeout = (callback, ms, ...rest) =>
    clock.setTimeout(
      whenThawed(() => callback(...rest)),
      ms,
    );
  const setRepeating: typeof clock.setInterval = (callback, ms, ...rest) =>
    clock.setInterval(
      whenThawed(() => callback(...rest)),
      ms,
    );

  /** The SDK has numbers for timers that were never set. */
  const clearTimer: typeof clock.clearTimeout = (timer) => {
    if (typeof timer === 'object') clock.clearTimeout(timer);
  };

  function open(port: number, onOpen?: (connection: Duplex) => void): Duplex {
    const accept = listeners.get(port);
    if (accept === undefined) throw new Error(`Nobody listens on port ${port}.`);
    const { near, far, openMs } = connect(time);
    connections.add(near);
    near.once('close', () => connections.delete(near));
    accept(far);
    if (onOpen) setTimer(() => onOpen(near), openMs);
    return near;
  }

  class VirtualAgent extends Agent {
    override createConnection({ port }: { port?: number | string }): Duplex {
      return open(Number(port));
    }
  }

  const sink = () =>
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        for (const line of chunk.toString().trimEnd().split('\n')) onLog(line);
        done();
      },
    });
  const ownProcess = Object.create(process, {
    env: { value: { ...environment } },
    stdout: { value: sink() },
    stderr: { value: sink() },
    emitWarning: { value: () => {} },
  });
  const { Console } = requireHere('node:console') as typeof import('node:console');
  const ownConsole = new Console(ownProcess.stdout, ownProcess.stderr);

  const instead: Record<string, (module: object) => object> = {
    console: (module) => Object.assign(Object.create(module), ownConsole, { Console }),
    http: (module) => Object.create(module, { Agent: { value: VirtualAgent } }),
    module: (module) => Object.create(module, { createRequire: { value: () => load } }),
    net: (module) =>
      Object.create(module, {
        connect: {
          value: ({ port }: { port: number }, onOpen: () => void): Socket => open(port, onOpen) as Socket,
        },
      }),
    process: () => ownProcess,
    'timers/promises': (module) =>
      Object.create(module, {
        setTimeout: {
          value: (ms: number) => {
            pausedMs += ms;
            return new Promise<void>((resolve) => setTimer(() => resolve(), ms));
          },
        },
      }),
    // They are for a whole process.
    v8: (module) => Object.create(module, { setFlagsFromString: { value: () => {} } }),
  };

  function load(name: string): unknown {
    const module = requireHere(name) as object;
    return instead[name.replace(/^node:/, '')]?.(module) ?? module;
  }

  const exports = evaluate({
    load,
    process: ownProcess,
    console: ownConsole,
    Date: clock.Date,
    Math: Object.create(Math, { random: { value: random } }),
    performance: { now: () => time.now() },
    AbortSignal: new Proxy(AbortSignal, {
      get: (target, name) => (name === 'timeout' ? timeoutSignal : Reflect.get(target, name)),
    }),
    setTimeout: setTimer,
    clearTimeout: clearTimer,
    setInterval: setRepeating,
    clearInterval: clearTimer,
  });

  function timeoutSignal(ms: number): AbortSignal {
    const controller = new AbortController();
    setTimer(() => controller.abort(new DOMException('The operation timed out.', 'TimeoutError')), ms);
    return controller.signal;
  }

  return {
    ready: exports,
    get pausedMs() {
      return pausedMs;
    },
    async invoke(event, deadline) {
      const handler = (await exports)['handler'] as Handler;
      isFrozen = false;
      for (const fire of overdue.splice(0)) fire();
      try {
        return await handler(event, { getRemainingTimeInMillis: () => deadline - time.now() });
      } finally {
        time.stir();
        isFrozen = true;
      }
    },
    end() {
      isFrozen = true;
      for (const connection of connections) connection.destroy();
    },
  };
}
