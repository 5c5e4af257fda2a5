import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Certificate } from '../../src/local/certificate.ts';
import type { Ports } from './network.ts';

/** What the process of the stand-ins can be asked for: the argument, and the answer. */
export interface Requests {
  /** They listen. */
  start: [Certificate, Ports];
  /** So many new secrets, each with a key: their ARNs. */
  createSecrets: [number, string[]];
  /** Has Secrets Manager register a version for a rotation of the secret, whose steps are left to the caller. */
  beginRotation: [string, BegunRotation];
  /** Shows that the secret now has a new key that works, or fails. */
  endRotation: [BegunRotation, Activity];
  /** From now on, each call of a rotation is answered so many milliseconds late. */
  delayCalls: [number, undefined];
}

export interface BegunRotation {
  secretId: string;
  versionId: string;
  /** The key that was current when it began. */
  keyId: string;
  /** Until it began. */
  activity: Activity;
}

/** How much there was at the stand-ins. */
export interface Activity {
  /** Calls of Secrets Manager. */
  secretsManager: number;
  /** Calls of Momento. */
  momento: number;
  /** New connections to either. */
  connections: number;
}

export interface Request {
  id: number;
  name: keyof Requests;
  argument: unknown;
}

export interface Answer {
  id: number;
  answer?: unknown;
  error?: string;
}

/** The cache that the pings read from, `MOMENTO_PING_CACHE`. */
export const PING_CACHE = 'bench';

/** The local Secrets Manager and Momento, in a process of their own, where their work is not in the way of what is measured. */
export interface Services {
  ports: Ports;
  ask<R extends keyof Requests>(name: R, argument: Requests[R][0]): Promise<Requests[R][1]>;
  close(): Promise<void>;
}

/** @param certificate what they show: they speak TLS, as AWS and Momento do */
export async function startServices(certificate: Certificate): Promise<Services> {
  const child = fork(fileURLToPath(new URL('./services-process.ts', import.meta.url)), {
    execArgv: ['--import', 'tsx'],
    env: { ...process.env, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
  });
  const ended = once(child, 'exit');
  const waiting = new Map<number, { resolve: (answer: unknown) => void; reject: (error: Error) => void }>();
  let lastId = 0;
  child.on('message', ({ id, answer, error }: Answer) => {
    const request = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) request?.resolve(answer);
    else request?.reject(new Error(error));
  });
  child.once('exit', () => {
    for (const { reject } of waiting.values()) reject(new Error('The process of the stand-ins ended.'));
  });

  const ask: Services['ask'] = (name, argument) =>
    new Promise((resolve, reject) => {
      lastId += 1;
      waiting.set(lastId, { resolve: resolve as (answer: unknown) => void, reject });
      child.send({ id: lastId, name, argument } satisfies Request);
    });

  return {
    ports: await ask('start', certificate),
    ask,
    async close() {
      child.disconnect();
      await ended;
    },
  };
}
