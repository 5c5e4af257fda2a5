import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
} from '@aws-sdk/client-secrets-manager';
import { SECRET_NAME, startStandIns } from '../../../src/local/stand-ins.ts';

/** The stand-ins, and what happens to the secret while an application reads it. */
export interface Services {
  /** What points the application at Secrets Manager, by a way of its own: the function's reads do not count, and do not fail. */
  environment(): Promise<Record<string, string>>;
  /** A whole rotation, by the built function. */
  rotate(): Promise<void>;
  /** An operator stores a key that Momento issued, and that works. */
  putGoodKey(): Promise<void>;
  /** An operator stores something that is no key. */
  putMalformed(): Promise<void>;
  /** An operator stores a key that Momento refuses. */
  putRefusedKey(): Promise<void>;
  /** Momento refuses every key from now on but the current one. */
  revokePreviousKeys(): Promise<void>;
  /** Momento refuses every key that there is from now on. */
  revokeAllKeys(): Promise<void>;
  /** How the application finds Secrets Manager: answering, resetting its connections, or never answering. */
  setSecretsManager(state: 'up' | 'down' | 'silent'): Promise<void>;
  /** How often the application has read the secret, and how often it tried to when it could not. */
  reads(): Promise<{ answered: number; unanswered: number }>;
  close(): Promise<void>;
}

export const CACHE = 'cache';

export async function startServices(): Promise<Services> {
  const { client, momento, secretsManager, lambda, environment, close } = await startStandIns({
    // Rotations and tokens that are a day apart elsewhere come within a second here.
    momento: { behaviour: { authOperationsPerSecond: Number.POSITIVE_INFINITY } },
  });
  momento.createCache(CACHE);
  const SecretId = SECRET_NAME;
  const reads = { answered: 0, unanswered: 0 };
  let state: 'up' | 'down' | 'silent' = 'up';

  const way = createServer((incoming, response) => {
    if (state !== 'up') {
      reads.unanswered += 1;
      if (state === 'down') incoming.socket.destroy();
      return;
    }
    reads.answered += 1;
    const { method, headers } = incoming;
    const onward = request(secretsManager.endpoint, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => way.listen(0, '127.0.0.1', resolve));

  await client.send(new CreateSecretCommand({ Name: SecretId, SecretString: momento.issueKey().secretString }));
  const put = async (SecretString: string) => {
    await client.send(new PutSecretValueCommand({ SecretId, SecretString }));
  };
  const currentKey = async (): Promise<string> => {
    const { SecretString = '' } = await client.send(new GetSecretValueCommand({ SecretId }));
    return JSON.parse(SecretString).apiKey;
  };
  const known = new Set<string>();

  return {
    async environment() {
      const endpoint = `http://127.0.0.1:${(way.address() as AddressInfo).port}`;
      return { ...environment, AWS_ENDPOINT_URL_SECRETS_MANAGER: endpoint };
    },
    async rotate() {
      const before = await currentKey();
      known.add(before);
      const rule = { RotationLambdaARN: lambda.functionArn, RotationRules: { AutomaticallyAfterDays: 1 } };
      await client.send(new RotateSecretCommand({ SecretId, ...rule }));
      await secretsManager.rotationSettled();
      if ((await currentKey()) === before) throw new Error('The rotation failed.');
    },
    async putGoodKey() {
      await put(momento.issueKey().secretString);
    },
    putMalformed: () => put('{"apiKey": "not a key"}'),
    async putRefusedKey() {
      const { apiKey, secretString } = momento.issueKey();
      momento.revokeKey(apiKey);
      await put(secretString);
    },
    async revokePreviousKeys() {
      const current = await currentKey();
      for (const key of known) if (key !== current) momento.revokeKey(key);
      known.clear();
    },
    async revokeAllKeys() {
      known.add(await currentKey());
      for (const key of known) momento.revokeKey(key);
      known.clear();
    },
    async setSecretsManager(wanted) {
      state = wanted;
    },
    reads: async () => ({ ...reads }),
    async close() {
      way.closeAllConnections();
      await new Promise((resolve) => way.close(resolve));
      await close();
    },
  };
}
