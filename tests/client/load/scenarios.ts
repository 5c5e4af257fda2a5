import { setTimeout as sleep } from 'node:timers/promises';
import type { Services } from './services.ts';

/** What a scenario does besides, to the application. */
export interface Course {
  /** How long things stay as they are, in milliseconds. A rotation takes about four. */
  pauseMs: number;
  /** How long nothing works, where nothing works for long. */
  outageMs: number;
  /** From now on requests may fail, until what this gives is called, and for as long after it as they may. */
  beginOutage(): () => void;
  /** The application has nothing to do. */
  idle(ms: number): Promise<void>;
}

/** What happens to the secret, once for each rotation, while the application makes its requests. */
export interface Scenario {
  name: string;
  /** The application's, in seconds. */
  ttlSeconds: number;
  /** Share of the rotations of the whole run. */
  share: number;
  happen(services: Services, course: Course): Promise<void>;
}

/** How long after an outage all must be well again, in milliseconds. */
export const SERVED_AGAIN_MS = 6000;

export const scenarios: Scenario[] = [
  {
    name: 'the key before is revoked a little after',
    ttlSeconds: 1,
    share: 1,
    async happen(services, { pauseMs }) {
      await services.rotate();
      await sleep(pauseMs);
      await services.revokePreviousKeys();
      await sleep(pauseMs);
    },
  },
  {
    name: 'the key before is revoked at once',
    ttlSeconds: 300,
    share: 0.5,
    async happen(services, { pauseMs }) {
      await services.rotate();
      await services.revokePreviousKeys();
      await sleep(2 * pauseMs);
    },
  },
  {
    name: 'Secrets Manager is down during the rotation',
    ttlSeconds: 0.5,
    share: 0.25,
    async happen(services, { pauseMs }) {
      await services.setSecretsManager('down');
      await sleep(pauseMs);
      await services.rotate();
      await sleep(2 * pauseMs);
      await services.setSecretsManager('up');
      await services.revokePreviousKeys();
      await sleep(pauseMs);
    },
  },
  {
    name: 'something that is no key is put by hand',
    ttlSeconds: 0.5,
    share: 0.25,
    async happen(services, { pauseMs }) {
      await services.putMalformed();
      await sleep(3 * pauseMs);
      await services.putGoodKey();
      await services.rotate();
      await sleep(pauseMs);
    },
  },
  {
    name: 'a key that Momento refuses is put by hand',
    ttlSeconds: 0.5,
    share: 0.25,
    async happen(services, { pauseMs }) {
      await services.putRefusedKey();
      await sleep(3 * pauseMs);
      await services.putGoodKey();
      await services.rotate();
      await sleep(pauseMs);
    },
  },
  {
    name: 'the key is revoked 600 ms before its successor is stored',
    ttlSeconds: 300,
    share: 0.25,
    async happen(services, { pauseMs, beginOutage }) {
      const mended = beginOutage();
      await services.revokeAllKeys();
      await sleep(600);
      await services.putGoodKey();
      mended();
      await sleep(SERVED_AGAIN_MS + pauseMs);
    },
  },
  {
    name: 'all keys are refused for long, until one is stored',
    ttlSeconds: 300,
    share: 0.05,
    async happen(services, { pauseMs, outageMs, beginOutage }) {
      await services.rotate();
      await sleep(pauseMs);
      const mended = beginOutage();
      await services.revokeAllKeys();
      await sleep(outageMs);
      await services.putGoodKey();
      mended();
      await sleep(SERVED_AGAIN_MS + pauseMs);
    },
  },
  {
    name: 'Secrets Manager does not answer after the application had nothing to do',
    ttlSeconds: 0.5,
    share: 0.1,
    async happen(services, { pauseMs, idle }) {
      await services.setSecretsManager('silent');
      await idle(4 * pauseMs);
      await sleep(pauseMs);
      await services.setSecretsManager('up');
      await sleep(pauseMs);
    },
  },
];
