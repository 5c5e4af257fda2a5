import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { CreateSecretCommand, RotateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type StandIns, startStandIns } from '../../src/local/stand-ins.ts';
import { watchConnections } from './connections.ts';
import { observeInit } from './init.ts';
import { BUILT_FUNCTION } from './stage.ts';

/** What a rotation costs, as far as it does not depend on the machine. `npm run bench` measures the rest. */

/** In bytes. What it is made of is shown by `npm run bench -- --profile`. */
const BUNDLE_LIMIT = 865_000;

/** Packages of which code runs before the first event. */
const AT_INIT = {
  packages: [
    '@aws-lambda-powertools/commons',
    '@aws-lambda-powertools/logger',
    '@aws-lambda-powertools/metrics',
    '@aws-sdk/client-secrets-manager',
    '@aws-sdk/core',
    '@aws-sdk/credential-provider-env',
    '@aws/lambda-invoke-store',
    '@gomomento/generated-types',
    '@gomomento/sdk',
    '@gomomento/sdk-core',
    '@grpc/grpc-js',
    '@grpc/proto-loader',
    '@js-sdsl/.build-data',
    '@js-sdsl/ordered-map',
    '@smithy/core',
    '@smithy/node-http-handler',
    '@smithy/signature-v4',
    '@smithy/types',
    'croner',
    'google-protobuf-small',
    'jsonc-parser',
    'jwt-decode',
    'src',
    'tslib',
    'valibot',
  ],
  builtins: [
    ...['buffer', 'console', 'crypto', 'dns', 'events', 'fs', 'fs/promises', 'http', 'http2', 'https', 'net', 'os'],
    ...['path', 'process', 'stream', 'timers/promises', 'tls', 'url', 'util', 'zlib'],
  ],
};

/** `createSecret` reads the description and two values at once, and the SDK keeps the connections for the next call. */
const READS_AT_ONCE = 3;
const KEPT_FOR_THE_NEXT_REFRESH = 1;

test('the bundle keeps within its size', async () => {
  const { size } = await stat(join(BUILT_FUNCTION, 'index.mjs'));
  expect(size).toBeLessThan(BUNDLE_LIMIT);
});

test('init runs what is needed, and nothing else', async () => {
  expect(await observeInit()).toEqual(AT_INIT);
});

test('init says nothing', async () => {
  const bundle = pathToFileURL(join(BUILT_FUNCTION, 'index.mjs')).href;
  const env = { AWS_REGION: 'us-east-1', AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' };
  const said = await promisify(execFile)(process.execPath, ['--eval', `import(${JSON.stringify(bundle)})`], { env });
  expect(said).toEqual({ stdout: '', stderr: '' });
});

describe('in a warm sandbox', () => {
  let standIns: StandIns;
  let connections: ReturnType<typeof watchConnections>;
  let secretId: string;

  beforeEach(async () => {
    standIns = await startStandIns();
    connections = watchConnections();
    const { client, momento } = standIns;
    const { secretString: SecretString } = momento.issueKey();
    const created = await client.send(new CreateSecretCommand({ Name: 'momento/authentication-token', SecretString }));
    secretId = created.ARN as string;
  });
  afterEach(async () => {
    connections.stop();
    await standIns.close();
  });

  async function rotate(): Promise<void> {
    const { client, lambda, secretsManager } = standIns;
    await client.send(
      new RotateSecretCommand({
        SecretId: secretId,
        RotationLambdaARN: lambda.functionArn,
        RotationRules: { AutomaticallyAfterDays: 1 },
      }),
    );
    await secretsManager.rotationSettled();
  }

  /** Open connections of the function to each service. */
  const open = () => ({
    secretsManager: connections.openTo(standIns.secretsManager.endpoint),
    momento: connections.openTo(standIns.momento.endpoint),
  });

  test('each rotation makes the same nine calls', async () => {
    const { secretsManager, momento } = standIns;
    const transcripts: string[][] = [];
    for (let rotation = 0; rotation < 3; rotation += 1) {
      const before = [secretsManager.calls.length, momento.calls.length] as const;
      await rotate();
      const [, ...actions] = secretsManager.calls.slice(before[0]).map(({ action }) => action);
      const rpcs = momento.calls.slice(before[1]).map(({ rpc }) => rpc);
      // The three reads are sent at once, and arrive in any order.
      transcripts.push([...actions.slice(0, 3).sort(), ...actions.slice(3), ...rpcs]);
    }
    const transcript = [
      ...['DescribeSecret', 'GetSecretValue', 'GetSecretValue', 'PutSecretValue'],
      ...['GetSecretValue', 'DescribeSecret', 'UpdateSecretVersionStage'],
      ...['RefreshApiToken', 'Get'],
    ];
    expect(transcripts).toEqual([transcript, transcript, transcript]);
    expect(standIns.lambda.coldStarts).toBe(1);
  });

  test('three connections to Secrets Manager and one to Momento stay open, for the next rotation', async () => {
    for (let rotation = 0; rotation < 4; rotation += 1) {
      await rotate();
      await expect.poll(() => open().secretsManager).toBe(READS_AT_ONCE);
      await expect.poll(() => open().momento).toBe(KEPT_FOR_THE_NEXT_REFRESH);
    }
  });
});
