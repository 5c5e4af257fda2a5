import { setTimeout as sleep } from 'node:timers/promises';
import type { Services } from './services.ts';

/** What happens to the secret, once for each rotation, while the application makes its requests. */
export interface Scenario {
  name: string;
  /** The application's, in seconds. */
  ttlSeconds: number;
  /** Share of the rotations of the whole run. */
  share: number;
  happen(services: Services, pauseMs: number): Promise<void>;
}

/** `pauseMs`, of which a rotation takes about four, is how long things stay as they are. */
export const scenarios: Scenario[] = [
  {
    name: 'the key before is revoked a little after',
    ttlSeconds: 1,
    share: 1,
    async happen(services, pauseMs) {
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
    async happen(services, pauseMs) {
      await services.rotate();
      await services.revokePreviousKeys();
      await sleep(2 * pauseMs);
    },
  },
  {
    name: 'Secrets Manager is down during the rotation',
    ttlSeconds: 0.5,
    share: 0.25,
    async happen(services, pauseMs) {
      await services.setReachable(false);
      await sleep(pauseMs);
      await services.rotate();
      await sleep(2 * pauseMs);
      await services.setReachable(true);
      await services.revokePreviousKeys();
      await sleep(pauseMs);
    },
  },
  {
    name: 'something that is no key is put by hand',
    ttlSeconds: 0.5,
    share: 0.25,
    async happen(services, pauseMs) {
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
    async happen(services, pauseMs) {
      await services.putRefusedKey();
      await sleep(3 * pauseMs);
      await services.putGoodKey();
      await services.rotate();
      await sleep(pauseMs);
    },
  },
];
