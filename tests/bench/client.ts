import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { getSecret } from '@aws-lambda-powertools/parameters/secrets';
import { CreateSecretCommand, GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { CacheClient, Configurations, NoopMomentoLoggerFactory } from '@gomomento/sdk';
import { Bench } from 'tinybench';
import { cacheClient, momentoCredential, secretsManager as readWith } from '../../src/client/index.ts';
import { startMomento } from '../../src/local/momento/momento.ts';
import { startSecretsManager } from '../../src/local/secrets-manager/server.ts';
import { median } from './statistics.ts';
import { printTable, type Say } from './table.ts';

/** One way to get at the current key, and how long it takes. */
interface Access {
  name: string;
  /** Median, in microseconds. */
  microseconds: number;
  /** To the first row. */
  ratio: number;
}

/** One module, and what a fresh process takes to import it. */
interface StartUp {
  name: string;
  /** Processor time, median, in milliseconds. */
  processorMs: number;
  /** Median, in milliseconds. */
  wallMs: number;
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SECRET = 'momento/authentication-token';
const ITERATIONS_MS = 1000;
const PROCESSES = 15;

/** Getting the current key from memory, beside what an application would do without this package. */
async function measureAccess(): Promise<Access[]> {
  const momento = await startMomento();
  const secretsManager = await startSecretsManager();
  const { connection, region } = secretsManager;
  const client = new SecretsManagerClient(connection);
  // Powertools makes its own client.
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_SECRETS_MANAGER: secretsManager.endpoint,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: connection.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: connection.credentials.secretAccessKey,
  });
  await client.send(new CreateSecretCommand({ Name: SECRET, SecretString: momento.issueKey().secretString }));
  const credential = momentoCredential(SECRET, { source: readWith(client) });
  const options = {
    configuration: Configurations.Lambda.latest(new NoopMomentoLoggerFactory()),
    defaultTtlSeconds: 60,
  };
  const following = cacheClient(credential, options);
  const plain = new CacheClient({ ...options, credentialProvider: await credential.current() });
  try {
    const bench = new Bench({ time: ITERATIONS_MS })
      .add('credential.current(), from memory', () => credential.current())
      // The SDK's ping() sends nothing: what is left is what stands before it.
      .add('a call on a CacheClient that follows the key, without the network', () => following.ping())
      .add('the same on the SDK’s own CacheClient', () => plain.ping())
      .add('getSecret() of Powertools, from its cache', () => getSecret(SECRET, { maxAge: 300 }))
      .add('GetSecretValue, from the local Secrets Manager', () =>
        client.send(new GetSecretValueCommand({ SecretId: SECRET })),
      );
    await bench.run();
    const rows = bench.tasks.map(({ name, result }) => {
      if (result.state !== 'completed') throw new Error(`${name} was not measured.`);
      return { name, microseconds: result.latency.p50 * 1000 };
    });
    const first = rows[0]?.microseconds ?? Number.NaN;
    return rows.map((row) => ({ ...row, ratio: row.microseconds / first }));
  } finally {
    following.close();
    plain.close();
    credential.close();
    client.destroy();
    await secretsManager.close();
    await momento.close();
  }
}

/** What importing this part costs beside the SDK's own import, each in a fresh process, in turns. */
async function measureStartUp(): Promise<StartUp[]> {
  const run = promisify(execFile);
  const own = join(ROOT, 'dist/client/index.js');
  const modules = [
    { name: 'nothing', specifier: 'node:module' },
    { name: '@gomomento/sdk', specifier: '@gomomento/sdk' },
    { name: 'momento-key-rotation/client, which imports it', specifier: own },
    { name: '@aws-sdk/client-secrets-manager', specifier: '@aws-sdk/client-secrets-manager' },
  ];
  const times = modules.map(() => ({ processor: [] as number[], wall: [] as number[] }));
  for (let round = 0; round < PROCESSES; round += 1) {
    for (const [index, { specifier }] of modules.entries()) {
      const program = `const start = performance.now(), used = process.cpuUsage();
          await import(${JSON.stringify(specifier)});
          const { user, system } = process.cpuUsage(used);
          console.log(JSON.stringify([(user + system) / 1000, performance.now() - start]))`;
      const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', program], { cwd: ROOT });
      const [processor, wall] = JSON.parse(stdout) as [number, number];
      times[index]?.processor.push(processor);
      times[index]?.wall.push(wall);
    }
  }
  return modules.map(({ name }, index) => ({
    name,
    processorMs: median(times[index]?.processor ?? []),
    wallMs: median(times[index]?.wall ?? []),
  }));
}

/** What the part for applications costs: getting the current key, and importing it. */
export async function reportClient(say: Say): Promise<void> {
  const access = await measureAccess();
  printTable(say, 'Getting the current key: median', [
    ['', 'µs', 'ratio'],
    ...access.map(({ name, microseconds, ratio }) => [name, microseconds.toFixed(2), ratio.toFixed(1)]),
  ]);
  const startUp = await measureStartUp();
  printTable(say, `Importing, in a fresh process: median of ${PROCESSES}`, [
    ['', 'processor time, ms', 'ms'],
    ...startUp.map(({ name, processorMs, wallMs }) => [name, processorMs.toFixed(0), wallMs.toFixed(0)]),
  ]);
}
