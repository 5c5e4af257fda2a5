import { beforeEach, describe, expect, test } from 'vitest';
import { momentoApiKey } from '../src/momento/momento-api-key.ts';
import { runRevocations } from '../src/revocation-run.ts';
import { type Budget, startBudget } from '../src/rotation/budget.ts';
import { RotationError, SecretStoreError } from '../src/rotation/errors.ts';
import { openSecret } from '../src/rotation/secret.ts';
import type { SecretDescription, SecretStore } from '../src/rotation/secret-store.ts';
import { ADMIN_SECRET, attach, DAY, HOUR, MINUTE, startV2 } from './momento/v2-stage.ts';

/** A run of the recurring schedule, for several secrets. */

const SECRETS = ['a', 'b', 'c', 'd'];

let now: number;
let looked: string[];
let warnings: string[];
let counted: string[];
beforeEach(() => {
  now = 400 * HOUR;
  looked = [];
  warnings = [];
  counted = [];
});

/** For secrets that are being deleted, so that a look is all there is to do. Each takes its time, or fails. */
function run(
  options: {
    notBegun?: Set<string>;
    secretIds?: string[];
    lookMs?: number;
    errors?: Record<string, Error>;
    isByHand?: boolean;
    random?: number;
  } = {},
): Promise<string> {
  const { notBegun = new Set(), secretIds = SECRETS, lookMs = 0, errors = {}, isByHand = false, random = 0 } = options;
  const clock = { now: () => now, random: () => random, sleep: async () => {} };
  const describe = async (id: string): Promise<SecretDescription> => {
    looked.push(id);
    now += lookMs;
    if (errors[id] !== undefined) throw errors[id];
    return { arn: id, name: id, isDeleted: true } as SecretDescription;
  };
  const batch = {
    field: 'RevokeRetiredKeys',
    secretIds,
    budget: startBudget(clock, 30_300),
    onProblem: () => {},
    report: { warn: (message: string) => void warnings.push(message), measure: () => {} },
    notBegun,
    isByHand,
  };
  return runRevocations(batch, (id, budget: Budget) => ({
    secret: openSecret({ describe } as Partial<SecretStore> as SecretStore, id, budget),
    kind: momentoApiKey()(id),
    report: { warn: () => {}, measure: (metric) => void counted.push(`${metric} ${id}`) },
    overlapMs: HOUR,
    revokesFirstKey: false,
    revokesOnSchedule: true,
  }));
}

const refused = (name: string) => new RotationError('operator', `Refused for ${name}.`);

describe('a run for several secrets', () => {
  test('looks at each of them', async () => {
    expect(await run()).toBe('nothing to revoke');
    expect(looked).toEqual(SECRETS);
    expect(warnings).toEqual([]);
  });

  test('throws what a human has to do, of all, after all were looked at', async () => {
    const ended = run({ errors: { a: refused('a'), c: refused('c') } });
    await expect(ended).rejects.toMatchObject({
      failure: 'operator',
      message: 'RevokeRetiredKeys[0]: Refused for a. RevokeRetiredKeys[2]: Refused for c.',
    });
    expect(looked).toEqual(SECRETS);
    expect(counted).toEqual(['RevocationFailed a', 'RevocationFailed c']);
  });

  test('counts what waiting may solve, and does not throw it', async () => {
    const unavailable = new SecretStoreError('DescribeSecret', 'TimeoutError', { transient: true });
    expect(await run({ errors: { b: unavailable }, lookMs: 1000 })).toBe('not done for 1 of 4');
    expect(counted).toEqual(['RevocationFailed b']);
    expect(looked).toContain('d');
  });

  test('throws only what a human has to do, where there is both', async () => {
    const unavailable = new RotationError('transient', 'Not now.');
    await expect(run({ errors: { b: unavailable, c: refused('c') } })).rejects.toMatchObject({
      failure: 'operator',
      message: 'RevokeRetiredKeys[2]: Refused for c.',
    });
  });
});

test('a defect is thrown, since nothing mends it by itself', async () => {
  await expect(run({ errors: { b: new TypeError('of something') } })).rejects.toThrow(
    /^RevokeRetiredKeys\[1\]: Unexpected TypeError/,
  );
  expect(looked).toEqual(SECRETS);
});

test('what waiting may solve is thrown, too, where nobody runs it again by itself', async () => {
  const unavailable = new RotationError('transient', 'Not now.');
  const ended = run({ secretIds: ['a'], errors: { a: unavailable }, isByHand: true });
  await expect(ended).rejects.toMatchObject({ failure: 'transient', message: 'RevokeRetiredKeys[0]: Not now.' });
});

describe('a run that has not enough time', () => {
  test('stops before its deadline, and names the rest by their places', async () => {
    await run({ lookMs: 15_000 });
    expect(looked).toEqual(['a', 'b']);
    expect(warnings).toEqual([
      'No time was left for 2 of 4 secrets, with which a later run begins: RevokeRetiredKeys[2], RevokeRetiredKeys[3].',
    ]);
  });

  test('is followed in the same sandbox by one that begins with the rest', async () => {
    const notBegun = new Set<string>();
    await run({ notBegun, lookMs: 15_000 });
    await run({ notBegun, lookMs: 15_000 });
    expect(looked).toEqual(['a', 'b', 'c', 'd']);
  });

  test('is followed so although there are others in the list by then', async () => {
    const notBegun = new Set<string>();
    await run({ notBegun, lookMs: 15_000 });
    looked = [];
    await run({ notBegun, secretIds: ['e', ...SECRETS] });
    expect(looked).toEqual(['c', 'd', 'e', 'a', 'b']);
    // All were done: nothing is left to begin with.
    expect(notBegun.size).toBe(0);
  });

  test('is followed in another sandbox by one that begins anywhere', async () => {
    const firsts: (string | undefined)[] = [];
    for (const random of [0, 0.3, 0.6, 0.99]) {
      looked = [];
      await run({ lookMs: 15_000, random });
      firsts.push(looked[0]);
    }
    expect(firsts).toEqual(SECRETS);
  });

  test('forgets nothing by a run for others in between', async () => {
    const notBegun = new Set<string>();
    await run({ notBegun, lookMs: 15_000 });
    await run({ notBegun, secretIds: ['x', 'y'] });
    looked = [];
    await run({ notBegun });
    expect(looked).toEqual(['c', 'd', 'a', 'b']);
  });

  test('tells so', async () => {
    expect(await run({ lookMs: 15_000 })).toBe('not done for 2 of 4');
  });
});

describe('the registry is listed', () => {
  const OTHER_ADMIN = 'momento/other-admin';

  test('once a run for each admin secret, however many secrets it manages', async () => {
    const stage = await startV2({ revokesOnSchedule: true, settings: { adminSecrets: [ADMIN_SECRET, OTHER_ADMIN] } });
    const value = (fields = {}) =>
      JSON.stringify({ ...JSON.parse(stage.momento.issueV2Key({ roleId: 'operator' }).secretString), ...fields });
    await attach(stage, OTHER_ADMIN, stage.momento.issueV2Key({ roleId: 'owner' }).secretString);
    const rotations = [
      stage.rotate,
      await attach(stage, 'momento/orders', value()),
      await attach(stage, 'momento/carts', value({ adminSecret: OTHER_ADMIN })),
      await attach(stage, 'momento/mails', value({ adminSecret: OTHER_ADMIN })),
    ];
    // A key is issued after the one that it succeeds.
    stage.pass(MINUTE);
    for (const rotate of rotations) await rotate();
    stage.pass(DAY);
    const live = stage.liveKeys().length;
    const sandbox = stage.sandbox();
    const names = ['momento/payments', 'momento/orders', 'momento/carts', 'momento/mails'];

    stage.forgetCalls();
    expect(await sandbox.revokeRetired(...names)).toBe('revoked');
    expect(stage.callsMade().filter((call) => call === 'ListApiKeys')).toHaveLength(2);
    expect(stage.liveKeys()).toHaveLength(live - names.length);

    // Another run looks anew.
    stage.forgetCalls();
    expect(await sandbox.revokeRetired(...names)).toBe('nothing to revoke');
    expect(stage.callsMade().filter((call) => call === 'ListApiKeys')).toHaveLength(2);
  });

  test('for each key that manages itself', async () => {
    const stage = await startV2({
      revokesOnSchedule: true,
      settings: { adminSecrets: [] },
      secretString: (momento) => momento.issueV2Key({ roleId: 'owner' }).secretString,
    });
    const rotateOther = await attach(stage, 'momento/b', stage.momento.issueV2Key({ roleId: 'owner' }).secretString);
    stage.pass(MINUTE);
    await stage.rotate();
    await rotateOther();
    stage.pass(DAY);
    stage.forgetCalls();
    expect(await stage.sandbox().revokeRetired('momento/payments', 'momento/b')).toBe('revoked');
    expect(stage.callsMade().filter((call) => call === 'ListApiKeys')).toHaveLength(2);
    expect(stage.liveKeys()).toHaveLength(2);
  });

  test('for nobody once more, where it does not answer: all that need it are counted', async () => {
    const stage = await startV2({ revokesOnSchedule: true });
    await stage.rotate();
    await attach(stage, 'momento/b', stage.momento.issueV2Key({ roleId: 'operator' }).secretString);
    stage.pass(DAY);
    stage.momento.apiKeysFaults.add({
      call: 'ListApiKeys',
      mishap: { kind: 'error', error: { status: 503 } },
      times: Number.POSITIVE_INFINITY,
    });
    expect(await stage.sandbox().revokeRetired('momento/payments', 'momento/b')).toBe('not done for 2 of 2');
    expect(stage.metrics()).toMatchObject({ RevocationFailed: [1, 1] });
  });
});
