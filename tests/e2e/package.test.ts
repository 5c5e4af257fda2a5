import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { CreateSecretCommand, RotateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startStandIns } from '../../src/local/stand-ins.ts';
import { BUILT_FUNCTION } from './stage.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const nodeIn =
  (folder: () => string, env = {}) =>
  (...args: string[]) =>
    promisify(execFile)(process.execPath, args, { cwd: folder(), env: { ...environment, ...env } });
const node = nodeIn(() => app);
const tool = (name: string, ...args: string[]) =>
  promisify(execFile)(join(ROOT, 'node_modules/.bin', name), args, { cwd: ROOT });
const environment = { PATH: process.env['PATH'], AWS_REGION: 'us-east-1' };

/** An app outside of the repository that has the package, and the CDK that is installed here. */
let app: string;
/** An application outside of the repository that has the package and the Momento SDK, and no CDK. */
let application: string;

beforeAll(async () => {
  app = await mkdtemp(join(tmpdir(), 'cdk-app-'));
  // What `npm pack` has run, but for the function: other tests are using that one.
  await Promise.all(['infra', 'src'].map((project) => tool('tsc', '--project', project)));
  const packed = ['pack', '--ignore-scripts', '--json', '--pack-destination', app];
  await promisify(execFile)('npm', packed, { cwd: ROOT });
  const [tarball = ''] = (await readdir(app)).filter((name) => name.endsWith('.tgz'));
  await writeFile(join(app, 'package.json'), '{"type": "module"}');
  const install = ['install', join(app, tarball), '--prefer-offline', '--legacy-peer-deps', '--no-audit', '--no-fund'];
  await promisify(execFile)('npm', install, { cwd: app });
  // What is installed is the same in both, but for the peers.
  application = await mkdtemp(join(tmpdir(), 'application-'));
  await cp(app, application, { recursive: true, verbatimSymlinks: true });
  for (const peer of ['aws-cdk-lib', 'constructs']) await link(app, peer);
  await link(application, '@gomomento/sdk');
  await writeFile(join(app, 'app.ts'), await appWithLinesOfReadme());
});
afterAll(async () => {
  for (const folder of [app, application]) await rm(folder, { recursive: true, force: true });
});

/** A peer of the package, without another 150 MB. */
async function link(folder: string, peer: string): Promise<void> {
  const place = join(folder, 'node_modules', peer);
  await mkdir(dirname(place), { recursive: true });
  await symlink(join(ROOT, 'node_modules', peer), place);
}

/** The three lines of the README, in the least that an app needs around them. */
async function appWithLinesOfReadme(): Promise<string> {
  const readme = await readFile(join(ROOT, 'README.md'), 'utf8');
  const lines = /^```ts\n([\s\S]*?)^```/m.exec(readme)?.[1] ?? '';
  expect(lines.trim().split('\n')).toHaveLength(3);
  return `import { App, Stack } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { MomentoKeyRotation } from 'momento-key-rotation';

class MyStack extends Stack {
  constructor(scope: Construct, id: string) {
    super(scope, id);
${lines}  }
}

const app = new App({ outdir: 'cdk.out' });
new MyStack(app, 'MyStack');
app.synth();
`;
}

test('the three lines of the README type-check in an app that has only the package', async () => {
  const options = [
    '--noEmit',
    '--strict',
    '--module',
    'nodenext',
    '--target',
    'es2022',
    '--lib',
    'esnext',
    '--types',
    '',
  ];
  await expect(node(join(ROOT, 'node_modules/typescript/bin/tsc'), ...options, 'app.ts')).resolves.toBeDefined();
});

test('they synthesize, and what is deployed is the bundle, which rotates a key', async () => {
  await writeFile(
    join(app, 'app.mjs'),
    (await readFile(join(app, 'app.ts'), 'utf8'))
      .replace("import type { Construct } from 'constructs';\n", '')
      .replace('scope: Construct, id: string', 'scope, id'),
  );
  await node('app.mjs');

  const assets = (await readdir(join(app, 'cdk.out'))).filter((name) => name.startsWith('asset.'));
  expect(assets).toHaveLength(1);
  const taskRoot = join(app, 'cdk.out', assets[0] as string);
  expect(await readdir(taskRoot)).toEqual(['index.mjs']);
  const [deployed, built] = await Promise.all([taskRoot, BUILT_FUNCTION].map((at) => readFile(join(at, 'index.mjs'))));
  expect(deployed?.equals(built as Buffer)).toBe(true);

  const standIns = await startStandIns({ lambda: { taskRoot } });
  try {
    const { client, momento, lambda, secretsManager } = standIns;
    const SecretString = momento.issueKey().secretString;
    const { ARN } = await client.send(new CreateSecretCommand({ Name: 'a-secret', SecretString }));
    let succeeded = false;
    secretsManager.subscribe((event) => {
      if (event.type === 'rotationSucceeded') succeeded = true;
    });
    const RotationRules = { AutomaticallyAfterDays: 1 };
    await client.send(new RotateSecretCommand({ SecretId: ARN, RotationLambdaARN: lambda.functionArn, RotationRules }));
    await secretsManager.rotationSettled();
    expect(succeeded).toBe(true);
  } finally {
    await standIns.close();
  }
});

test('the handler is exported as well', async () => {
  const { stdout } = await node(
    '--input-type=module',
    '--eval',
    "const { handler } = await import('momento-key-rotation/handler'); console.log(typeof handler)",
  );
  expect(stdout).toContain('function');
});

describe('an application that uses the client', () => {
  const nodeThere = (env = {}) => nodeIn(() => application, env);

  /** The first lines of the page, as a stranger would paste them. */
  async function linesOfThePage(): Promise<string> {
    const page = await readFile(join(ROOT, 'docs/client.md'), 'utf8');
    return /^```ts\n([\s\S]*?)^```/m.exec(page)?.[1] ?? '';
  }

  test('type-checks', async () => {
    await writeFile(join(application, 'app.ts'), await linesOfThePage());
    await link(application, '@types/node');
    const options = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--target', 'es2022'];
    const check = nodeThere()(join(ROOT, 'node_modules/typescript/bin/tsc'), ...options, '--types', 'node', 'app.ts');
    await expect(check).resolves.toBeDefined();
  });

  test('loads neither CDK nor the function nor, before it reads a secret, the AWS SDK', async () => {
    const installed = join(application, 'node_modules/momento-key-rotation/dist');
    for (const part of ['infra', 'lambda', 'types']) await rm(join(installed, part), { recursive: true });
    await writeFile(
      join(application, 'load.js'),
      "console.log(Object.keys(await import('momento-key-rotation/client')).join())",
    );
    const { stdout } = await nodeThere()('load.js');
    expect(stdout).toContain('cacheClient');
  });

  test('works', async () => {
    await link(application, '@aws-sdk/client-secrets-manager');
    await writeFile(join(application, 'app.js'), `${await linesOfThePage()}process.exitCode = 7;`);
    const { client, momento, environment: aws, close } = await startStandIns();
    try {
      momento.createCache('sessions');
      const SecretString = momento.issueKey().secretString;
      await client.send(new CreateSecretCommand({ Name: 'momento/authentication-token', SecretString }));
      await expect(nodeThere(aws)('app.js')).rejects.toMatchObject({ code: 7 });
      expect(momento.calls).toMatchObject([{ rpc: 'Set', cache: 'sessions', outcome: 'OK' }]);
    } finally {
      await close();
    }
  });
});
