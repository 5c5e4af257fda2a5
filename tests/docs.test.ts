import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import {
  CancelRotateSecretCommand,
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
} from '@aws-sdk/client-secrets-manager';
import { describe, expect, test } from 'vitest';
import { likeliestBehaviour } from '../src/local/momento/momento-behaviour.ts';
import { defaultBehaviour } from '../src/local/secrets-manager/secrets-manager-behaviour.ts';
import { type StandIns, startStandIns } from '../src/local/stand-ins.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const run = promisify(execFile);
const hasCli = (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, 'aws')));

/** The shell blocks of a page, by their commands. */
async function shellCommands(page: string): Promise<string[]> {
  const text = await readFile(join(ROOT, page), 'utf8');
  const blocks = [...text.matchAll(/^ *```sh\n([\s\S]*?)^ *```/gm)].map(([, block = '']) => block);
  return blocks.flatMap((block) => block.split('\n')).flatMap((line) => line.trim() || []);
}

const PAGES = [
  'README.md',
  'docs/runbook.md',
  'docs/local.md',
  'docs/invariants.md',
  'docs/performance.md',
  'docs/client.md',
  'docs/v2-keys.md',
  'docs/security.md',
];

test.each(PAGES)('%s names commands that there are', async (page) => {
  const { scripts } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
  for (const command of await shellCommands(page)) {
    for (const [, script] of command.matchAll(/npm run ([a-z]+)/g)) expect(Object.keys(scripts)).toContain(script);
    expect(command).toMatch(
      /^(npm (ci|install|run|start|test|pack)\b|npx cdk (deploy|destroy)\b|aws (secretsmanager|logs|lambda) |CONFORMANCE_)/,
    );
  }
});

test('no table is cut in two, and each row has as many cells as the first', async () => {
  const pages = (await readdir(join(ROOT, 'docs')))
    .map((name) => `docs/${name}`)
    .filter((page) => page.endsWith('.md'));
  let tables = 0;
  for (const page of ['README.md', 'CHANGELOG.md', ...pages]) {
    const prose = (await readFile(join(ROOT, page), 'utf8')).replaceAll(/^ *```[\s\S]*?^ *```/gm, '');
    for (const [table] of prose.matchAll(/(?:^ *\|.*\n)+/gm)) {
      const [head = '', ruler = '', ...rows] = table.trimEnd().split('\n');
      // What follows a blank line is no row of the table before it.
      expect(ruler, `below ${head} of ${page}`).toMatch(/^ *\|( *:?-+:? *\|)+$/);
      const cells = (row: string) => row.split(/(?<!\\)\|/).length;
      for (const row of rows) expect(cells(row), `${row} of ${page}`).toBe(cells(ruler));
      tables += 1;
    }
  }
  expect(tables).toBeGreaterThan(20);
});

test('the tables of switches have each of them', async () => {
  const page = await readFile(join(ROOT, 'docs/local.md'), 'utf8');
  const cells = [...page.matchAll(/^\| (`\w+`[^|]*)\|/gm)].flatMap(([, cell = '']) => cell.match(/`\w+`/g) ?? []);
  for (const name of Object.keys({ ...defaultBehaviour, ...likeliestBehaviour }))
    expect(cells).toContain(`\`${name}\``);
});

/** Commands of a page for the AWS CLI, each with what has to be there before it and what it must have done. */
interface Act {
  command: RegExp;
  before?: (stage: Stage) => Promise<unknown>;
  after: (stage: Stage, held: Holders, stdout: string) => Promise<unknown>;
}

type Holders = Record<'SECRET' | 'CURRENT' | 'PREVIOUS' | 'PENDING', string>;

interface Stage {
  standIns: StandIns;
  holders(): Promise<Holders>;
}

const SECRET = 'momento/authentication-token';

async function perform(page: string, acts: Act[], start?: (stage: Stage) => Promise<unknown>): Promise<void> {
  const standIns = await startStandIns();
  const folder = await mkdtemp(join(tmpdir(), 'docs-'));
  const stage: Stage = {
    standIns,
    async holders() {
      const request = new DescribeSecretCommand({ SecretId: SECRET });
      const { VersionIdsToStages = {} } = (await standIns.client.send(request).catch(() => undefined)) ?? {};
      const holder = (label: string) =>
        Object.keys(VersionIdsToStages).find((id) => VersionIdsToStages[id]?.includes(label)) ?? '';
      const [CURRENT, PREVIOUS, PENDING] = ['AWSCURRENT', 'AWSPREVIOUS', 'AWSPENDING'].map(holder);
      return { SECRET, CURRENT, PREVIOUS, PENDING } as Holders;
    },
  };
  try {
    await writeFile(join(folder, 'momento_token.info.json'), standIns.momento.issueKey().secretString);
    await start?.(stage);
    const commands = (await shellCommands(page)).filter((command) => command.startsWith('aws secretsmanager '));
    expect(commands).toHaveLength(acts.length);
    for (const [index, { command, before, after }] of acts.entries()) {
      expect(commands[index]).toMatch(command);
      await before?.(stage);
      const held = await stage.holders();
      const env = { PATH: process.env['PATH'], ...standIns.environment, ...held };
      const { stdout } = await run('sh', ['-c', commands[index] as string], { cwd: folder, env });
      await standIns.secretsManager.rotationSettled();
      await after(stage, held, stdout);
    }
  } finally {
    await rm(folder, { recursive: true });
    await standIns.close();
  }
}

/** As the deployment does. */
async function attachRotation({ standIns: { client, lambda, secretsManager } }: Stage): Promise<void> {
  await client.send(
    new RotateSecretCommand({
      SecretId: SECRET,
      RotationLambdaARN: lambda.functionArn,
      RotationRules: { AutomaticallyAfterDays: 1 },
      RotateImmediately: false,
    }),
  );
  await secretsManager.rotationSettled();
}

const storeKey = ({ standIns: { client, momento } }: Stage) =>
  client.send(new CreateSecretCommand({ Name: SECRET, SecretString: momento.issueKey().secretString }));

async function expectKeyThatWorks({ standIns: { client, momento } }: Stage): Promise<void> {
  const { SecretString = '{}' } = await client.send(new GetSecretValueCommand({ SecretId: SECRET }));
  expect(momento.isValid(JSON.parse(SecretString).apiKey)).toBe(true);
}

async function expectAnotherCurrent(stage: Stage, held: Holders): Promise<void> {
  expect((await stage.holders()).PREVIOUS).toBe(held.CURRENT);
  await expectKeyThatWorks(stage);
}

describe.runIf(hasCli)('the commands do what is said of them, in', () => {
  test('the walk-through of the README', () =>
    perform('README.md', [
      { command: /create-secret/, after: expectKeyThatWorks },
      { command: /rotate-secret/, before: attachRotation, after: expectAnotherCurrent },
      {
        command: /describe-secret/,
        after: async (_, __, stdout) => {
          const { VersionIdsToStages, LastRotatedDate } = JSON.parse(stdout);
          expect(Object.values(VersionIdsToStages).flat()).toEqual(
            expect.arrayContaining(['AWSCURRENT', 'AWSPREVIOUS']),
          );
          expect(LastRotatedDate).toBeDefined();
        },
      },
    ]));

  test('the runbook', () =>
    perform(
      'docs/runbook.md',
      [
        {
          command: /describe-secret/,
          after: async (_, { CURRENT }, stdout) => {
            expect(JSON.parse(stdout)).toMatchObject({
              RotationEnabled: true,
              VersionIdsToStages: { [CURRENT]: ['AWSCURRENT'] },
            });
          },
        },
        { command: /rotate-secret/, after: expectAnotherCurrent },
        { command: /put-secret-value/, after: expectAnotherCurrent },
        {
          command: /AWSPENDING --remove-from/,
          before: ({ standIns: { client, momento } }) =>
            client.send(
              new PutSecretValueCommand({
                SecretId: SECRET,
                SecretString: momento.issueKey().secretString,
                VersionStages: ['AWSPENDING'],
              }),
            ),
          after: async (stage) => expect((await stage.holders()).PENDING).toBe(''),
        },
        {
          command: /cancel-rotate-secret/,
          after: async ({ standIns: { client } }) => {
            const description = await client.send(new DescribeSecretCommand({ SecretId: SECRET }));
            expect(description.RotationEnabled).toBe(false);
          },
        },
        {
          command: /AWSCURRENT --move-to/,
          after: async (stage, held) => {
            expect((await stage.holders()).CURRENT).toBe(held.PREVIOUS);
            await expectKeyThatWorks(stage);
          },
        },
        {
          command: /get-secret-value/,
          after: async ({ standIns: { client } }, { PREVIOUS }, stdout) => {
            const request = new GetSecretValueCommand({ SecretId: SECRET, VersionId: PREVIOUS });
            const { SecretString = '{}' } = await client.send(request);
            expect(stdout.trim()).toBe(JSON.parse(SecretString).validUntil);
          },
        },
        {
          command: /rotate-secret/,
          before: ({ standIns: { client } }) => client.send(new CancelRotateSecretCommand({ SecretId: SECRET })),
          after: async (stage, held) => {
            const { RotationEnabled } = await stage.standIns.client.send(
              new DescribeSecretCommand({ SecretId: SECRET }),
            );
            expect(RotationEnabled).toBe(true);
            await expectAnotherCurrent(stage, held);
          },
        },
      ],
      async (stage) => {
        await storeKey(stage);
        await attachRotation(stage);
      },
    ));
});
