import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkSecrets } from '../../src/health.ts';
import { credentialProvider } from '../../src/momento/api-key.ts';
import { authorityIn } from '../../src/momento/authority.ts';
import { momentoKind } from '../../src/momento/kind.ts';
import { startBudget } from '../../src/rotation/budget.ts';
import { RotationError } from '../../src/rotation/errors.ts';
import type { RotationTask } from '../../src/rotation/rotation.ts';
import { openSecret } from '../../src/rotation/secret.ts';
import { steps } from '../../src/rotation/steps.ts';
import { storeOf, type Versions } from '../rotation/store-in-memory.ts';

/** Whatever somebody stores: each step and the check end well, or by an error that says what is wrong. */

const V1_KEY = Buffer.from('{"endpoint":"cell.momentohq.com","api_key":"inner"}').toString('base64');
const V2_KEY = `eyJhbGciOiJIUzI1NiJ9.${Buffer.from('{"t":"g"}').toString('base64url')}.c2ln`;
const FIELDS = ['apiKey', 'authToken', 'refreshToken', 'validUntil', 'endpoint', 'keyId', 'roleId', 'adminSecret'];

/** Everything but the network is Momento's. */
const kind = {
  ...momentoKind(authorityIn({})('secret'), {
    refresh: async () => ({ kind: 'refused', reason: 'OFFLINE' }),
    async ping({ apiKey }) {
      credentialProvider(apiKey);
      return { kind: 'accepted' };
    },
    registryAccess: () => ({
      open: () => ({
        adminId: 'id',
        issue: async () => ({ kind: 'refused', reason: 'OFFLINE', remedy: '' }),
        list: async () => ({ records: [], nextToken: undefined }),
        howToRevoke: () => '',
        revoke: async () => {},
      }),
    }),
  }),
  registryFor: () => undefined,
};

async function play(value: string): Promise<RotationError[]> {
  const versions = (current: string, pending?: string) =>
    new Map([
      ['current', { value: current, stages: ['AWSCURRENT'] }],
      ['pending', { ...(pending !== undefined && { value: pending }), stages: ['AWSPENDING'] }],
    ]);
  const report = { warn: () => {}, measure: () => {} };
  const budget = startBudget({ now: () => 1_900_000_000_000, random: () => 0, sleep: async () => {} }, 30_000);
  const rotation = (stored: Versions): RotationTask => ({
    secretId: 'secret',
    versionId: 'pending',
    rotationToken: undefined,
    store: storeOf(stored),
    kind,
    memory: {},
    budget,
    report,
  });
  const failures: RotationError[] = [];
  const attempt = async (work: Promise<unknown>) => {
    await work.catch((error: RotationError) => failures.push(error));
  };
  const good = JSON.stringify({ apiKey: V1_KEY, refreshToken: 'refresh', validUntil: 4_000_000_000 });
  await attempt(steps.createSecret(rotation(versions(value))));
  await attempt(steps.createSecret(rotation(versions(good, value))));
  await attempt(steps.testSecret(rotation(versions(good, value))));
  await attempt(steps.finishSecret(rotation(versions(good, value))));
  const secret = openSecret(storeOf(versions(value)), 'secret', budget);
  const batch = { field: 'CheckSecrets', secretIds: ['secret'], budget, onProblem: () => {} };
  const policy = { overlapMs: 3_600_000, revokesFirstKey: false, revokesOnSchedule: false };
  await attempt(checkSecrets(batch, () => ({ secret, kind, report, ...policy })));
  return failures;
}

/** A value that is broken says which field, or that it is none of the values that have fields. */
const SAYS_WHAT =
  /Fields? "\w+"|A field is there twice|It is not JSON|It is JSON, but|It is an API key alone|It expired on/;
/** What is wrong where the value is not. */
const ABOUT_OTHERS = /refuses to issue a successor of the current key \(OFFLINE\)/;

async function expectClear(value: string): Promise<void> {
  for (const failure of await play(value)) {
    expect(failure).toBeInstanceOf(RotationError);
    expect(failure.message).toMatch(ABOUT_OTHERS.test(failure.message) ? ABOUT_OTHERS : SAYS_WHAT);
    expect(failure.message).not.toMatch(/nexpected|defect/);
    expect(failure.failure).not.toBe('transient');
    expect(failure.message.length).toBeLessThan(1000);
  }
}

const fieldValue = fc.oneof(
  fc.constantFrom<unknown>(
    V1_KEY,
    V2_KEY,
    '',
    null,
    0,
    -1,
    '0',
    '1e3',
    4_000_000_000,
    '4000000000',
    1e300,
    1.5,
    [],
    {},
  ),
  fc.constantFrom('cell.momentohq.com', 'role', '\ud800', '\u0000', '9'.repeat(5000)),
  fc.jsonValue(),
  fc.string({ unit: 'binary' }),
  fc.dictionary(fc.constantFrom('toString', 'valueOf', 'toJSON', 'constructor', '__proto__', 'length'), fc.jsonValue()),
);
/** Text, so that a field may be there twice, or in any order. */
const object = fc
  .array(
    fc.tuple(fc.oneof({ arbitrary: fc.constantFrom(...FIELDS, '__proto__'), weight: 9 }, fc.string()), fieldValue),
    {
      maxLength: 9,
    },
  )
  .map(
    (fields) => `{${fields.map(([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`).join(', ')}}`,
  );
const damaged = fc
  .tuple(object, fc.nat(), fc.string({ maxLength: 3 }))
  .map(([text, at, other]) => text.slice(0, at % (text.length + 1)) + other + text.slice((at % (text.length + 1)) + 1));
const nested = fc
  .tuple(fc.constantFrom(...FIELDS, 'other'), fc.integer({ min: 1, max: 10_000 }), fc.constantFrom('[]', '{"a":}'))
  .map(([name, depth, [open, ...rest]]) => {
    const [opening, closing] = open === '[' ? ['[', ']'] : ['{"a":', '}'];
    const inner = rest.length > 1 ? '1' : '';
    const others = JSON.stringify({ apiKey: V1_KEY, refreshToken: 'refresh', validUntil: 4_000_000_000, [name]: null });
    return others.replace(`"${name}":null`, `"${name}":${opening.repeat(depth)}${inner}${closing.repeat(depth)}`);
  });

test('5,000 values, none of which ends in an error that nobody can act on', async () => {
  const value = fc.oneof(
    { arbitrary: object, weight: 70 },
    { arbitrary: damaged, weight: 10 },
    { arbitrary: nested, weight: 1 },
    { arbitrary: fc.json(), weight: 9 },
    { arbitrary: fc.string({ unit: 'binary' }), weight: 9 },
  );
  await fc.assert(fc.asyncProperty(value, expectClear), { numRuns: 5000, seed: 12 });
});

describe('in particular', () => {
  const valid = { apiKey: V1_KEY, refreshToken: 'refresh', validUntil: 4_000_000_000 };
  test.each([
    ['an object for an expiry', JSON.stringify({ ...valid, validUntil: {} })],
    ['a list for an expiry', JSON.stringify({ ...valid, validUntil: [[]] })],
    [
      'an expiry 5,000 deep',
      `{"apiKey": "${V1_KEY}", "refreshToken": "x", "validUntil": ${'['.repeat(5000)}${']'.repeat(5000)}}`,
    ],
    [
      'another field 30,000 deep',
      JSON.stringify(valid).replace('{', `{"x": ${'['.repeat(30_000)}${']'.repeat(30_000)},`),
    ],
    ['objects 10,000 deep', `${'{"apiKey":'.repeat(10_000)}1${'}'.repeat(10_000)}`],
    ['a megabyte of spaces', `${' '.repeat(2 ** 20)}{}`],
    ['a key of a megabyte', JSON.stringify({ ...valid, apiKey: 'x'.repeat(2 ** 20) })],
    ['half of a surrogate pair', JSON.stringify({ ...valid, apiKey: '\ud800' })],
    ['a field twice', '{"apiKey": 1, "apiKey": 2}'],
  ])('%s', async (_, value) => {
    await expectClear(value);
  });
});
