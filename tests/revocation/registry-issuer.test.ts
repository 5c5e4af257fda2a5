import { describe, expect, test } from 'vitest';
import { readMarker } from '../../src/revocation/marker.ts';
import {
  type IssueRequest,
  type KeyRecord,
  type Registry,
  type RegistryAccess,
  RegistryError,
} from '../../src/revocation/registry.ts';
import { registryIssuer } from '../../src/revocation/registry-issuer.ts';
import { startBudget } from '../../src/rotation/budget.ts';
import type { Succession } from '../../src/rotation/credential.ts';
import { openSecret } from '../../src/rotation/secret.ts';
import { counter } from '../rotation/counters.ts';
import { storeOf, type Versions } from '../rotation/store-in-memory.ts';

const ARN = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:a/secret-AbCdEf';

/** The succession of a credential over a registry, and what was said and asked for meanwhile. */
function start(list: Registry['list'], options: { admin?: string; open?: () => never } = {}) {
  const warnings: string[] = [];
  const metrics: string[] = [];
  const requests: IssueRequest[] = [];
  const revoked: string[] = [];
  const registry: Registry = {
    adminId: 'admin',
    list,
    issue: async (request) => {
      requests.push(request);
      return { kind: 'issued', id: 'new', secretString: '2', successor: counter(2) };
    },
    howToRevoke: (id) => `discount ${id}`,
    revoke: async (id) => void revoked.push(id),
  };
  const { admin, open = () => registry } = options;
  const versions: Versions = new Map();
  if (admin !== undefined) versions.set('of-the-admin', { value: admin, stages: ['AWSCURRENT'] });
  const clock = { now: () => 0, random: () => 0, sleep: async () => {} };
  const succession: Succession = {
    secret: openSecret(storeOf(versions), ARN, startBudget(clock, 30_000)),
    secretArn: ARN,
    versionId: 'second',
    predecessor: { versionId: 'first', storedAt: undefined },
    report: { warn: (message) => void warnings.push(message), measure: (metric) => void metrics.push(metric) },
  };
  const access: RegistryAccess =
    admin === undefined ? { open } : { adminSecret: 'admin', adminWording: 'the secret of the admin', open };
  const issuer = () => registryIssuer(succession, { id: 'old', roleId: 'role', expiresAt: undefined }, access);
  return { issuer, registry, warnings, metrics, requests, revoked };
}

const record = (id: string, description: string): KeyRecord => ({
  id,
  roleId: 'role',
  description,
  issuedAt: new Date(0),
  expiresAt: undefined,
});
const defect = new TypeError('hunter2');
const fail = () => {
  throw defect;
};

test('a successor is described as its predecessor, with a marker of its own in each request', async () => {
  const old = record('old', 'payments');
  const { issuer, requests, warnings } = start(async () => ({ records: [old], nextToken: undefined }));
  const { issue } = await issuer();
  await issue(1000);
  await issue(1000);

  expect(requests).toMatchObject([{ predecessor: old }, { predecessor: old }]);
  const [one, other] = requests.map(({ description, shortDescription }) => {
    expect(description).toBe(`payments ${shortDescription}`);
    return readMarker(description, ARN);
  });
  expect(one).toMatchObject({ versionId: 'second', predecessor: 'first' });
  expect(other).toEqual({ ...one, nonce: expect.not.stringContaining(one?.nonce ?? '') });
  expect(warnings).toEqual([]);
});

describe('a registry that cannot be read', () => {
  test('does not keep a successor from being issued', async () => {
    const refused = new RegistryError('Momento', 'HTTP 403', 'Give it the right.');
    const { issuer, warnings, requests } = start(() => Promise.reject(refused));
    expect(await (await issuer()).issue(1000)).toMatchObject({ kind: 'issued', secretString: '2' });
    expect(requests).toMatchObject([{ predecessor: undefined }]);
    expect(warnings).toEqual([
      expect.stringContaining('Cannot look up the description and the lifetime of the current key.'),
    ]);
  });

  test('by a defect does, and that is not told as what the registry said', async () => {
    const { issuer, warnings } = start(() => Promise.reject(defect));
    await expect(issuer()).rejects.toBe(defect);
    expect(warnings).toEqual([]);
  });
});

describe('a registry that cannot be opened by a defect', () => {
  test('has nothing issued', async () => {
    const { issuer, requests } = start(async () => ({ records: [], nextToken: undefined }), { open: fail });
    await expect(issuer()).rejects.toBe(defect);
    expect(requests).toEqual([]);
  });

  test('with the value of an admin secret is told as that, and not what it holds', async () => {
    const { issuer } = start(async () => ({ records: [], nextToken: undefined }), { admin: 'hunter2', open: fail });
    await expect(issuer()).rejects.toMatchObject({
      failure: 'operator',
      message: expect.stringMatching(
        /^The key in the secret of the admin, ((?!hunter2).)*unexpected TypeError((?!hunter2).)*$/,
      ),
    });
  });
});

describe('what could not be stored', () => {
  test('is revoked', async () => {
    const { issuer, revoked } = start(async () => ({ records: [], nextToken: undefined }));
    const issue = await (await issuer()).issue(1000);
    expect(issue.kind === 'issued' && (await issue.discard?.())).toBe('was revoked');
    expect(revoked).toEqual(['new']);
  });

  test('and cannot be revoked by a defect is said to be left, and not what the defect says', async () => {
    const { issuer, registry, warnings, metrics } = start(async () => ({ records: [], nextToken: undefined }));
    registry.revoke = () => Promise.reject(defect);
    const issue = await (await issuer()).issue(1000);
    expect(issue.kind === 'issued' && (await issue.discard?.())).toBe('is revoked by the next rotation');
    expect(warnings).toEqual([
      'A key that nobody uses could not be revoked, and works until a later attempt revokes it. Unexpected TypeError.',
    ]);
    expect(metrics).toEqual(['RevocationFailed']);
  });
});

test('the registry is not asked once more where every attempt was answered', async () => {
  let lists = 0;
  const { issuer } = start(async () => {
    lists += 1;
    return { records: [], nextToken: undefined };
  });
  const { issue, settle } = await issuer();
  await issue(1000);
  await settle?.();
  expect(lists).toBe(1);
});
