import { CreateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { beforeAll, describe, expect, test } from 'vitest';
import type { LocalMomento } from '../../src/local/momento/momento.ts';
import { type Stage, startStage } from './stage.ts';
import { type Certificate, createCertificate, leadAstray, startThief, type Thief } from './thief.ts';

/**
 * What somebody tries who may write one rotated secret, and nothing else: the built function has the key of another secret, which
 * manages all keys of the account.
 */

const ADMIN_SECRET = 'momento/admin';
const OTHER_ADMIN_SECRET = 'other-team/admin';

/** Whoever may write a secret needs no key: its shape is enough. */
const shapedLikeV2 = `eyJhbGciOiJIUzI1NiJ9.${Buffer.from('{"t":"g"}').toString('base64url')}.c2ln`;

const shapedLikeV1 = (endpoint: string) =>
  Buffer.from(JSON.stringify({ endpoint, api_key: 'inner' })).toString('base64');

const v2Value = (fields: Record<string, unknown>) =>
  JSON.stringify({ apiKey: shapedLikeV2, keyId: 'x', roleId: 'operator', ...fields });

const managed = { MOMENTO_ADMIN_SECRET: ADMIN_SECRET, MOMENTO_ROLES: JSON.stringify({ 'a/secret': 'operator' }) };

async function start(environment: Record<string, string>, secretString?: (momento: LocalMomento) => string) {
  const own = secretString ?? ((momento: LocalMomento) => momento.issueV2Key({ description: 'payments' }).secretString);
  const stage = await startStage({ environment, secretString: own });
  for (const Name of [ADMIN_SECRET, OTHER_ADMIN_SECRET]) {
    const { secretString: SecretString } = stage.momento.issueV2Key({ roleId: 'owner', description: Name });
    await stage.client.send(new CreateSecretCommand({ Name, SecretString }));
  }
  return stage;
}

/** All steps, whatever becomes of those before. */
async function rotate(stage: Stage): Promise<void> {
  for (const step of ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const) {
    await stage.step(step).catch(() => undefined);
  }
}

const generated = ({ momento }: Stage) => momento.calls.filter(({ rpc }) => rpc === 'GenerateApiKey');

/** Where a thief may be: `TLS` stands for the port of one that is reached over TLS, `PLAIN` for that of another. */
const HOSTS = [
  'thief.example:TLS',
  'momentohq.com.thief.example:TLS',
  'notmomentohq.com:TLS',
  'cell.momentohq.com:TLS',
  'localhost:PLAIN',
];

describe('a key goes to no host but those of Momento', () => {
  let certificate: Certificate;
  beforeAll(async () => {
    const names = HOSTS.filter((host) => host.endsWith(':TLS')).map((host) => host.replace(':TLS', ''));
    certificate = await createCertificate(names);
  });

  async function startAstray(
    host: string,
    valueFor?: (endpoint: string) => string,
    environment: Record<string, string> = managed,
  ) {
    const [tls, plain] = [await startThief(certificate), await startThief()];
    const endpoint = host.replace('TLS', String(tls.port)).replace('PLAIN', String(plain.port));
    const astray = { ...(await leadAstray(certificate)), MOMENTO_HOSTS: 'momentohq.com,127.0.0.1', ...environment };
    const stage = await start(astray, valueFor && (() => valueFor(endpoint)));
    return { stage, tls, plain, endpoint };
  }

  function expectNothingStolen(stage: Stage, ...thieves: Thief[]): void {
    expect(thieves.map(({ keys }) => keys.length)).toEqual(thieves.map(() => 0));
    expect(thieves.map((thief) => thief.connections())).toEqual(thieves.map(() => 0));
    expect(generated(stage)).toEqual([]);
    expect(stage.momento.calls.filter(({ rpc }) => rpc === 'RefreshApiToken')).toEqual([]);
  }

  test.each(HOSTS)('the current value names %s', async (host) => {
    const stolen = (endpoint: string) => v2Value({ endpoint, roleId: 'owner' });
    const { stage, endpoint, tls, plain } = await startAstray(host, stolen);
    await rotate(stage);
    expectNothingStolen(stage, tls, plain);
    expect(stage.output()).toMatch(/The current value .*Field \\"endpoint\\" .*MOMENTO_HOSTS/);
    expect(stage.output()).not.toContain(endpoint);
  });

  test.each(HOSTS)('the value in rotation names %s', async (host) => {
    const { stage, endpoint, tls, plain } = await startAstray(host);
    await stage.put(v2Value({ endpoint }), { versionId: stage.versionId, stages: ['AWSPENDING'] });
    await rotate(stage);
    expectNothingStolen(stage, tls, plain);
    expect(stage.output()).toMatch(/The pending value .*Field \\"endpoint\\" .*MOMENTO_HOSTS/);
    expect(await stage.labels()).toEqual({ [stage.firstVersionId]: ['AWSCURRENT'] });
  });

  test.each(HOSTS)('a v1 key says that it is from %s', async (host) => {
    const { stage, tls, plain } = await startAstray(host, (endpoint) =>
      JSON.stringify({ apiKey: shapedLikeV1(endpoint), refreshToken: 'x', validUntil: 4_000_000_000 }),
    );
    await rotate(stage);
    expectNothingStolen(stage, tls, plain);
    expect(stage.output()).toMatch(/The current value .*Field \\"apiKey\\" .*MOMENTO_HOSTS/);
  });

  test('and no v1 key is refreshed elsewhere', async () => {
    const value = (endpoint: string) =>
      JSON.stringify({ authToken: shapedLikeV1(endpoint), refreshToken: 'x', validUntil: 4_000_000_000 });
    const { stage, tls, plain } = await startAstray('thief.example:TLS', value, {});
    await rotate(stage);
    expectNothingStolen(stage, tls, plain);
    expect(stage.output()).toMatch(/Field \\"authToken\\" .*MOMENTO_HOSTS/);
  });
});

describe('no role but the one that is configured is given', () => {
  const ofOwner = (momento: LocalMomento) =>
    JSON.stringify({ ...JSON.parse(momento.issueV2Key().secretString), roleId: 'owner' });

  test('where the current value names another', async () => {
    const stage = await start(managed, ofOwner);
    await rotate(stage);
    expect(generated(stage)).toEqual([]);
    expect(stage.output()).toMatch(/The current value .*Field \\"roleId\\" .*MOMENTO_ROLES/);
  });

  test('where the value in rotation names another', async () => {
    const stage = await start(managed);
    await stage.put(ofOwner(stage.momento), { versionId: stage.versionId, stages: ['AWSPENDING'] });
    await rotate(stage);
    expect(generated(stage)).toEqual([]);
    expect(stage.output()).toMatch(/The pending value .*Field \\"roleId\\" .*MOMENTO_ROLES/);
    expect(await stage.labels()).toEqual({ [stage.firstVersionId]: ['AWSCURRENT'] });
  });

  test('nor where none is', async () => {
    const stage = await start({ MOMENTO_ADMIN_SECRET: ADMIN_SECRET });
    await rotate(stage);
    expect(generated(stage)).toEqual([]);
    expect(stage.output()).toContain('MOMENTO_ROLES');
    expect(stage.output()).toContain('"failure":"operator"');
  });

  test('nor to a v1 key that asks for one', async () => {
    const stage = await start({ MOMENTO_ADMIN_SECRET: ADMIN_SECRET }, (momento) =>
      JSON.stringify({
        ...JSON.parse(momento.issueKey().secretString),
        roleId: 'owner',
        adminSecret: ADMIN_SECRET,
      }),
    );
    await rotate(stage);
    expect(generated(stage)).toEqual([]);
    expect(stage.output()).toContain('MOMENTO_ROLES');
  });

  test('but that one is', async () => {
    const stage = await start(managed);
    await rotate(stage);
    expect(JSON.parse(stage.valueText(stage.versionId) ?? '{}').roleId).toBe('operator');
    expect((await stage.labels())[stage.versionId]).toContain('AWSCURRENT');
  });
});

describe('no admin secret but those that are configured is used', () => {
  const naming = (adminSecret: string) => (momento: LocalMomento) =>
    JSON.stringify({ ...JSON.parse(momento.issueV2Key().secretString), adminSecret });

  test.each([
    ['where another is', managed],
    ['where none is', {}],
  ])('%s', async (_, environment) => {
    const stage = await start(environment, naming(OTHER_ADMIN_SECRET));
    await rotate(stage);
    // Neither generates a key, nor lists those that there are.
    expect(stage.momento.calls).toEqual([]);
    expect(stage.output()).toMatch(/Field \\"adminSecret\\" .*MOMENTO_ADMIN_SECRET/);
    expect(stage.output()).not.toContain(OTHER_ADMIN_SECRET);
  });

  test('but one that is listed is', async () => {
    const listed = { ...managed, MOMENTO_ADMIN_SECRET: `there/is/none, ${OTHER_ADMIN_SECRET}` };
    const stage = await start(listed, naming(OTHER_ADMIN_SECRET));
    await rotate(stage);
    expect((await stage.labels())[stage.versionId]).toContain('AWSCURRENT');
  });
});
