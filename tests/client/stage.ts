import { CreateSecretCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { expect, onTestFinished, vi } from 'vitest';
import {
  type CredentialOptions,
  type MomentoCredential,
  type MomentoEvent,
  momentoCredential,
  secretsManager as readWith,
  type SecretSource,
} from '../../src/client/index.ts';
import { type LocalMomento, startMomento } from '../../src/local/momento/momento.ts';
import { type LocalSecretsManager, startSecretsManager } from '../../src/local/secrets-manager/server.ts';

export const SECRET = 'momento/authentication-token';

/** A secret with a Momento key, and an application's view of it. */
export interface Stage {
  momento: LocalMomento;
  secretsManager: LocalSecretsManager;
  /** The key that the secret held at first, as applications hold it. */
  firstKey: string;
  /** A credential that reads each secret once at a time, with its events in {@link events}. */
  credential(options?: CredentialOptions): MomentoCredential;
  events: MomentoEvent[];
  /** Expects events of these types, and no other, since the last time; waits for those that have yet to come. */
  expectEvents(...types: MomentoEvent['type'][]): Promise<void>;
  /** Answers at once with what was put last, so that no test depends on how long who has a key is made to wait. */
  atOnce: SecretSource;
  /** How often the secret was read, but at once. */
  reads(): number;
  /** Stores a value as the current one. */
  put(secretString: string): Promise<void>;
  /** As a rotation does: issues a key and makes it the current one. Returns it as applications hold it. */
  rotate(): Promise<string>;
  /** Reading the secret fails from now on, until it is mended. */
  breakReading(): { mend(): void };
}

export async function startStage(secretString?: (momento: LocalMomento) => string): Promise<Stage> {
  const momento = await startMomento();
  const secretsManager = await startSecretsManager();
  const client = new SecretsManagerClient({ ...secretsManager.connection, maxAttempts: 1 });
  const events: MomentoEvent[] = [];
  let seen = 0;
  const credentials: MomentoCredential[] = [];
  onTestFinished(async () => {
    for (const credential of credentials) credential.close();
    client.destroy();
    await secretsManager.close();
    await momento.close();
  });
  momento.createCache('cache');
  const first = momento.issueKey();
  const value = secretString?.(momento) ?? first.secretString;
  await client.send(new CreateSecretCommand({ Name: SECRET, SecretString: value }));

  let latest = value;
  const put = async (SecretString: string) => {
    latest = SecretString;
    await client.send(new PutSecretValueCommand({ SecretId: SECRET, SecretString }));
  };
  return {
    momento,
    secretsManager,
    firstKey: first.apiKey,
    events,
    credential(options) {
      const onEvent = (event: MomentoEvent) => events.push(event);
      const credential = momentoCredential(SECRET, { source: readWith(client), onEvent, ...options });
      credentials.push(credential);
      return credential;
    },
    async expectEvents(...types) {
      await vi.waitFor(() => expect(events.length).toBeGreaterThanOrEqual(seen + types.length), { timeout: 60_000 });
      expect(events.slice(seen).map(({ type }) => type)).toEqual(types);
      seen = events.length;
    },
    atOnce: { read: async () => ({ secretString: latest, versionId: undefined }) },
    reads: () => secretsManager.calls.filter(({ action }) => action === 'GetSecretValue').length,
    put,
    async rotate() {
      const { apiKey, secretString: successor } = momento.issueKey();
      await put(successor);
      return apiKey;
    },
    breakReading() {
      const error = { code: 'InternalServiceError', message: 'told to fail', status: 500 };
      secretsManager.faults.add({ call: 'GetSecretValue', mishap: { kind: 'error', error }, times: Infinity });
      return { mend: () => secretsManager.faults.clear() };
    },
  };
}

/** Stops the clock by which ages are told; timers go on. */
export function stopClock(): { forward(seconds: number): void } {
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => {
    vi.useRealTimers();
  });
  return { forward: (seconds) => vi.setSystemTime(Date.now() + seconds * 1000) };
}
