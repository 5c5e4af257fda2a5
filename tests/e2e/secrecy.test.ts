import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LocalMomento } from '../../src/local/momento/momento.ts';
import { findLeaks } from '../leaks.ts';
import { type House, type Stage, type StageOptions, type Step, startHouse, startStage } from './stage.ts';

/**
 * Every way in which the function ends, with every secret in play searched for in all that it logged, threw and emitted.
 * The rotation token is one of them.
 */

const STEPS: Step[] = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'];
const always = { times: Number.POSITIVE_INFINITY };
const malformed = { kind: 'malformed' } as const;
const refused = { kind: 'error', error: { code: 'UNAUTHENTICATED' } } as const;

/** A value that holds something secret in the wrong shape. */
const wrong = (build: (secret: string) => unknown) => {
  const secret = randomBytes(24).toString('base64url');
  const value = build(secret);
  return { secret, value: typeof value === 'string' ? value : JSON.stringify(value) };
};

/** An error that quotes what it was about, as some services do. */
const quoting = (stage: Stage) => {
  const quoted = stage.momento.secretsInPlay().join(' ');
  return { aws: { code: 'ValidationException', message: quoted }, grpc: { details: quoted } };
};

/** One that may manage keys. */
const v2Key = (momento: LocalMomento) => momento.issueV2Key({ roleId: 'owner', description: 'itself' }).secretString;

const VALUE_FIELDS = [
  'apiKey',
  'authToken',
  'refreshToken',
  'validUntil',
  'endpoint',
  'keyId',
  'roleId',
  'adminSecret',
] as const;

/** A value with a secret in a field that is for something else. */
function misplaced(
  name: string,
  field: string,
  value: (momento: LocalMomento) => string,
  secret: (own: { refreshToken: string }, momento: LocalMomento) => string,
): Case {
  const secretString = (momento: LocalMomento) => {
    const own = JSON.parse(momento.issueKey().secretString);
    return JSON.stringify({ ...JSON.parse(value(momento)), [field]: secret(own, momento) });
  };
  return [name, /promoted|"outcome":"failed"/, { secretString }];
}

/** `ends`: what shows in the output that the case is what it is meant to be. */
type Case = [name: string, ends: RegExp, options: StageOptions, arrange?: (stage: Stage) => unknown];

const PROMOTED = /finishSecret: promoted/;

const wrongValues = [
  wrong((secret) => secret),
  wrong((secret) => `{"apiKey": "${secret}`),
  wrong((secret) => [secret]),
  wrong((secret) => ({ apiKey: secret, refreshToken: secret, validUntil: '1' })),
  wrong((secret) => ({ apiKey: { [secret]: 1 }, refreshToken: secret, validUntil: secret })),
  wrong((secret) => ({ apiKey: Buffer.from(secret).toString('base64'), refreshToken: secret, validUntil: 1 })),
  wrong((secret) => ({
    apiKey: Buffer.from(JSON.stringify({ endpoint: 'example.com', api_key: secret })).toString('base64'),
    refreshToken: 7,
    validUntil: secret,
  })),
  wrong((secret) => Buffer.from(JSON.stringify({ endpoint: 'example.com', api_key: secret })).toString('base64')),
  wrong((secret) => ({ [secret]: secret })),
  wrong((secret) => ({
    apiKey: Buffer.from(JSON.stringify({ endpoint: 'example.com', api_key: `${secret}\n` })).toString('base64'),
    refreshToken: secret,
    validUntil: 4_000_000_000,
  })),
];

const cases: Case[] = [
  ['a rotation', PROMOTED, {}],
  [
    'a key that expires too soon',
    /The new key expires on/,
    { secretString: (m) => m.issueKey({ validForSeconds: 3600 }).secretString },
  ],
  [
    'a spent refresh token',
    /refuses to issue a successor/,
    { momento: { behaviour: { refreshTokenReuse: 'refused' } } },
    spend,
  ],
  [
    'a refused pending key',
    /refuses the pending key/,
    {},
    ({ momento }) => momento.faults.add({ call: 'Get', mishap: refused, ...always }),
  ],
  [
    'Momento answers nonsense',
    PROMOTED,
    {},
    ({ momento }) => momento.faults.add({ call: 'RefreshApiToken', mishap: malformed }),
  ],
  [
    'Momento refuses, quoting keys',
    /refuses to issue a successor/,
    {},
    (stage) =>
      stage.momento.faults.add({
        call: 'RefreshApiToken',
        mishap: { kind: 'error', error: { code: 'PERMISSION_DENIED', ...quoting(stage).grpc } },
      }),
  ],
  [
    'a ping fails, quoting keys',
    PROMOTED,
    {},
    (stage) =>
      stage.momento.faults.add({
        call: 'Get',
        at: 'after',
        mishap: { kind: 'error', error: { code: 'INTERNAL', ...quoting(stage).grpc } },
      }),
  ],
  ...['DescribeSecret', 'GetSecretValue', 'PutSecretValue', 'UpdateSecretVersionStage'].map(
    (call): Case => [
      `${call} answers nonsense`,
      PROMOTED,
      {},
      ({ secretsManager }) => secretsManager.faults.add({ call, at: 'after', mishap: malformed }),
    ],
  ),
  [
    'a put is refused, quoting the request',
    /could not be stored.*ValidationException/,
    { timeoutMs: 5000 },
    (stage) =>
      stage.secretsManager.faults.add({
        call: 'PutSecretValue',
        at: 'after',
        mishap: { kind: 'error', error: quoting(stage).aws },
        ...always,
      }),
  ],
  ['a rotation of a v2 key', PROMOTED, { secretString: v2Key }],
  ...[
    ['GenerateApiKey', /refuses to issue a successor/] as const,
    // That keeps no key from being generated.
    ['ListApiKeys', PROMOTED] as const,
  ].map(
    ([call, ends]): Case => [
      `Momento refuses ${call}, quoting keys`,
      ends,
      { secretString: v2Key },
      (stage) => {
        const message = quoting(stage).grpc.details;
        stage.momento.apiKeysFaults.add({
          call,
          mishap: { kind: 'error', error: { status: 403, message } },
          ...always,
        });
      },
    ],
  ),
  ...['GenerateApiKey', 'ListApiKeys'].map(
    (call): Case => [
      `${call} answers nonsense`,
      PROMOTED,
      { secretString: v2Key },
      ({ momento }) => momento.apiKeysFaults.add({ call, at: 'after', mishap: malformed }),
    ],
  ),
  ...['adminSecret', 'keyId', 'roleId'].map(
    (field): Case => [
      `a key in field ${field}`,
      /holds an API key/,
      {
        secretString: (momento) =>
          JSON.stringify({ ...JSON.parse(v2Key(momento)), [field]: momento.issueV2Key({ roleId: 'owner' }).apiKey }),
      },
    ],
  ),
  ...VALUE_FIELDS.flatMap((field) => [
    misplaced(`a refresh token in field ${field} of a v2 value`, field, v2Key, ({ refreshToken }) => refreshToken),
    misplaced(
      `a v2 key in field ${field} of a v1 value`,
      field,
      (momento) => momento.issueKey().secretString,
      (_, momento) => `see ${JSON.parse(v2Key(momento)).apiKey}`,
    ),
  ]),
  ...wrongValues.map(
    ({ value }, index): Case => [
      `wrong value ${index}`,
      /The current value .* cannot be rotated/,
      { secretString: () => value },
    ],
  ),
  ...wrongValues.map(
    ({ value }, index): Case => [
      `wrong pending value ${index}`,
      /The pending value .* can never be promoted/,
      {},
      (stage) => stage.put(value, { versionId: stage.versionId, stages: ['AWSPENDING'] }),
    ],
  ),
];

async function spend({ momento, step }: Stage): Promise<void> {
  momento.faults.add({ call: 'RefreshApiToken', at: 'after', mishap: { kind: 'disconnect' } });
  await step('createSecret').catch(() => undefined);
}

const behaviour = { rotationToken: true };

let house: House;
beforeAll(async () => {
  house = await startHouse({ behaviour });
});
afterAll(() => house.close());

test.each(cases)('nothing secret leaves: %s', async (_, ends, { secretString, ...own }, arrange) => {
  const isOwn = Object.keys(own).length > 0;
  const stage = await (isOwn ? startStage({ secretString, ...own, behaviour }) : house.nextStage(secretString));
  await arrange?.(stage);
  for (const step of STEPS) await stage.step(step).catch(() => undefined);
  for (const event of [{ ...stage.event('createSecret'), Step: 'x' }, { RotationToken: 'sensitive-token' }]) {
    await stage.lambdas[0].invoke(event).catch(({ errorMessage }) => expect(errorMessage).not.toContain('sensitive'));
  }

  const output = stage.output();
  expect(output).toMatch(ends);
  const { RotationToken = '' } = stage.event('createSecret');
  expect(RotationToken).not.toBe('');
  const secrets = [...stage.momento.secretsInPlay(), ...wrongValues.map(({ secret }) => secret), RotationToken];
  expect(findLeaks(output, secrets)).toEqual([]);
});

describe('what no service has confirmed is not spoken about', () => {
  const embeddings: Record<string, (secret: string) => string> = {
    whole: (secret) => secret,
    'in a name': (secret) => `momento/${secret}`,
    'in an ARN': (secret) => `arn:aws:secretsmanager:us-east-1:123456789012:secret:${secret}-AbCdEf`,
    'with something around it': (secret) => ` "${secret}"\n`,
  };
  const eventsWith = (text: string, { event }: Stage): object[] => [
    { SecretId: text },
    { momento_auth_token_secret_name: text },
    { CheckSecrets: [text] },
    { CheckSecrets: [event('createSecret').SecretId, text, text] },
    { RevokeRetiredKeys: text },
    { [text]: text },
    { SecretId: event('createSecret').SecretId, Step: text },
    { ...event('createSecret'), Step: text },
    ...STEPS.flatMap((step) => [
      { ...event(step), SecretId: text },
      { ...event(step), ClientRequestToken: text },
      { ...event(step), ClientRequestToken: text.slice(0, 64) },
      { ...event(step), SecretId: text, ClientRequestToken: text.slice(0, 64), RotationToken: text },
    ]),
  ];

  test.each(Object.entries(embeddings))('in any event: %s', async (_, embed) => {
    const stage = await startStage({ behaviour });
    const { apiKey, refreshToken } = JSON.parse(stage.momento.issueKey().secretString);
    const { RotationToken = '' } = stage.event('createSecret');
    const secrets: string[] = [apiKey, JSON.parse(v2Key(stage.momento)).apiKey, refreshToken, RotationToken];
    for (const secret of secrets) {
      const text = embed(secret);
      for (const isQuoted of [false, true]) {
        // As IAM does it, which says what may not be done with which resource.
        const message = `User is not authorized to perform this on resource: ${text}`;
        const mishap = { kind: 'error', error: { code: 'AccessDeniedException', message } } as const;
        for (const call of isQuoted ? ['DescribeSecret', 'GetSecretValue', 'RotateSecret'] : []) {
          stage.secretsManager.faults.add({ call, mishap, ...always });
        }
        for (const event of eventsWith(text, stage)) await stage.invoke(event).catch(() => undefined);
        stage.secretsManager.faults.clear();
      }
    }
    const output = stage.output();
    expect(output).toContain('"step":"finishSecret"');
    expect(output).toContain('AccessDeniedException');
    expect(findLeaks(distinct(output), secrets)).toEqual([]);
  });

  test('nor sent to one where it is seen to be a key', async () => {
    const { momento, secretsManager, invoke } = await startStage();
    const before = secretsManager.calls.length;
    for (const key of [JSON.parse(momento.issueKey().secretString).apiKey, JSON.parse(v2Key(momento)).apiKey]) {
      await expect(invoke({ SecretId: key })).rejects.toMatchObject({
        errorMessage: expect.stringContaining('field "SecretId" holds something else than the name or ARN of a secret'),
      });
    }
    expect(secretsManager.calls).toHaveLength(before);
  });

  test('and what one has is named, from there on', async () => {
    const stage = await startStage();
    const lines = () =>
      stage
        .output()
        .split('\n')
        .flatMap((line) => (line.startsWith('{"level"') ? [JSON.parse(line)] : []));
    const named = { secret: stage.secretId, version: stage.versionId };
    for (const step of STEPS) await stage.step(step);
    expect(lines()).toEqual(STEPS.map((step) => expect.objectContaining({ step, ...named })));

    await stage.step('setSecret', stage.lambdas[1]);
    expect(lines().at(-1)).toMatchObject({ message: 'setSecret: nothing to set' });
    expect(lines().at(-1)).not.toHaveProperty('secret');
  });
});

/** Each text of an output once, without what is different each time. */
const distinct = (output: string) => [...new Set(output.split('\n').flatMap((line) => line.split(/[,{}]/)))].join('\n');
