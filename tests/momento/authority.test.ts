import { describe, expect, test } from 'vitest';
import type { AuthoritySettings } from '../../src/momento/authority.ts';
import { momentoApiKey } from '../../src/momento/momento-api-key.ts';
import { InvalidValueError } from '../../src/rotation/errors.ts';

const arnOf = (name: string, suffix = 'AbCdEf') =>
  `arn:aws:secretsmanager:us-east-1:123456789012:secret:${name}-${suffix}`;

const jwt = `eyJhbGciOiJIUzI1NiJ9.${Buffer.from('{"t":"g"}').toString('base64url')}.c2ln`;
const v2 = (fields: object = {}) =>
  JSON.stringify({ apiKey: jwt, endpoint: 'cell.momentohq.com', keyId: 'id', roleId: 'role', ...fields });
const inner = Buffer.from('{"endpoint":"cell.momentohq.com","api_key":"inner"}').toString('base64');
const v1 = (fields: object = {}) =>
  JSON.stringify({ apiKey: inner, refreshToken: 'token', validUntil: 4_000_000_000, ...fields });

/** What there is to say about how the key in a value is managed. */
const manage = (settings: AuthoritySettings, secretId: string, secretString: string) =>
  momentoApiKey(settings)(secretId).registryFor(secretString);

const ADMIN = 'momento/admin';
const NO_ROLE = {
  failure: 'operator',
  message: expect.stringMatching(/^No role is configured .* MOMENTO_ROLES .* MOMENTO_ROLE_ID/),
};
const ANOTHER_ROLE = expect.objectContaining({
  message: expect.stringMatching(/^Field "roleId" .* MOMENTO_ROLES .*MOMENTO_ROLE_ID/),
});

const thrown = (work: () => unknown): Error => {
  try {
    work();
  } catch (error) {
    return error as Error;
  }
  throw new Error('It did not throw.');
};

describe('an admin secret manages a v2 key', () => {
  const roles = {
    [arnOf('momento/payments')]: 'by-arn',
    'momento/payments': 'by-name',
    'momento/orders': 'orders',
    '*': 'others',
  };
  const settings = { adminSecrets: [ADMIN], roles };

  test.each([
    ['the entry with its ARN', arnOf('momento/payments'), 'by-arn'],
    ['the entry with its ARN, where it is called by its name', 'momento/payments', 'by-arn'],
    ['the entry with its name, of an ARN', arnOf('momento/orders'), 'orders'],
    ['the entry with its name', 'momento/orders', 'orders'],
    ['the entry with its name, of a secret made anew', arnOf('momento/payments', 'GhIjKl'), 'by-name'],
    ['the entry for all others', arnOf('momento/orders-AbCdEf'), 'others'],
    ['the entry for all others, the name being a part', arnOf('momento/orders2'), 'others'],
  ])('whose role is that of %s', (_, secretId, roleId) => {
    expect(manage(settings, secretId, v2({ roleId }))).toMatchObject({ adminSecret: ADMIN });
    for (const other of new Set([...Object.values(roles), 'owner'])) {
      if (other === roleId) continue;
      const error = thrown(() => manage(settings, secretId, v2({ roleId: other })));
      expect(error).toBeInstanceOf(InvalidValueError);
      expect(error).toEqual(ANOTHER_ROLE);
      expect(error.message).not.toMatch(new RegExp(`${other}\\b.*${other}|"${other}"`));
    }
  });

  test('whose role is the one for all', () => {
    const forAll = { adminSecrets: [ADMIN], roleId: 'role' };
    expect(manage(forAll, arnOf('a'), v2())).toMatchObject({ adminSecret: ADMIN });
    expect(thrown(() => manage(forAll, arnOf('a'), v2({ roleId: 'owner' })))).toEqual(ANOTHER_ROLE);
    expect(manage({ ...forAll, roles: { '*': 'role', b: 'b' } }, arnOf('a'), v2())).toMatchObject({
      adminSecret: ADMIN,
    });
  });

  test.each([
    ['no role is configured', { adminSecrets: [ADMIN] }],
    ['one is for another secret', { adminSecrets: [ADMIN], roles: { b: 'role' } }],
    ['one is for a part of its ARN', { adminSecrets: [ADMIN], roles: { [arnOf('a').slice(0, -7)]: 'role' } }],
  ])('but not where %s', (_, given) => {
    expect(thrown(() => manage(given, arnOf('a'), v2()))).toMatchObject(NO_ROLE);
  });
});

describe('a v2 key manages itself', () => {
  test.each<[string, AuthoritySettings, string, object]>([
    ['where no admin secret is configured', {}, arnOf('a'), {}],
    ['in the admin secret', { adminSecrets: [ADMIN] }, arnOf(ADMIN), {}],
    ['in the admin secret, configured by its ARN', { adminSecrets: [arnOf(ADMIN)] }, ADMIN, {}],
    ['in the admin secret, whatever the role of others', { adminSecrets: [ADMIN], roleId: 'other' }, arnOf(ADMIN), {}],
    [
      'in another admin secret that chooses itself',
      { adminSecrets: [ADMIN, 'other'] },
      arnOf('other'),
      { adminSecret: 'other' },
    ],
  ])('%s', (_, settings, secretId, fields) => {
    expect(manage(settings, secretId, v2(fields))).toEqual({ open: expect.any(Function) });
  });

  test('within the role that is configured for its very secret', () => {
    const settings = { adminSecrets: [ADMIN], roles: { [ADMIN]: 'role' } };
    expect(manage(settings, arnOf(ADMIN), v2())).toEqual({ open: expect.any(Function) });
    expect(thrown(() => manage(settings, arnOf(ADMIN), v2({ roleId: 'other' })))).toEqual(ANOTHER_ROLE);
  });

  test('but not in an admin secret that is not the first, and does not choose itself', () => {
    const settings = { adminSecrets: [ADMIN, 'other'] };
    expect(thrown(() => manage(settings, arnOf('other'), v2()))).toMatchObject(NO_ROLE);
  });
});

describe('a value chooses its admin secret', () => {
  const settings = { adminSecrets: [ADMIN, arnOf('other/admin')], roleId: 'role' };

  test.each([
    [undefined, ADMIN, 'MOMENTO_ADMIN_SECRET'],
    ['', ADMIN, 'MOMENTO_ADMIN_SECRET'],
    [ADMIN, ADMIN, 'field "adminSecret"'],
    [arnOf(ADMIN), ADMIN, 'field "adminSecret"'],
    ['other/admin', arnOf('other/admin'), 'field "adminSecret"'],
    [arnOf('other/admin'), arnOf('other/admin'), 'field "adminSecret"'],
  ])('by %j: %s', (adminSecret, chosen, named) => {
    expect(manage(settings, arnOf('a'), v2({ adminSecret }))).toMatchObject({
      adminSecret: chosen,
      adminWording: `the secret that ${named} names`,
    });
  });

  test.each<[string, AuthoritySettings, string]>([
    ['another team has', settings, 'another/admin'],
    [
      'has the same name in another account',
      { ...settings, adminSecrets: [arnOf(ADMIN)] },
      arnOf(ADMIN).replace('1234', '9999'),
    ],
    ['is not configured, as none is', {}, ADMIN],
    ['is this one', settings, 'momento/this'],
  ])('but not one that %s', (_, given, adminSecret) => {
    for (const value of [v2({ adminSecret }), v1({ adminSecret, roleId: 'role' })]) {
      const error = thrown(() => manage(given, arnOf('momento/this'), value));
      expect(error).toBeInstanceOf(InvalidValueError);
      expect(error.message).toMatch(/^Field "adminSecret" .* MOMENTO_ADMIN_SECRET/);
      expect(error.message).not.toContain(adminSecret);
    }
  });
});

describe('a v1 key', () => {
  const settings = { adminSecrets: [ADMIN], roles: { a: 'role' } };

  test('is brought over to the role that is configured for its secret', () => {
    expect(manage(settings, arnOf('a'), v1())).toMatchObject({ adminSecret: ADMIN });
    expect(manage(settings, arnOf('a'), v1({ roleId: 'role' }))).toMatchObject({ adminSecret: ADMIN });
    expect(thrown(() => manage(settings, arnOf('a'), v1({ roleId: 'owner' })))).toEqual(ANOTHER_ROLE);
  });

  test('is not, where none is', () => {
    expect(manage(settings, arnOf('b'), v1({ roleId: 'somebody else’s' }))).toBeUndefined();
    expect(manage(settings, arnOf('b'), v1({ adminSecret: 'somebody else’s' }))).toBeUndefined();
  });

  test('that asks for it, where none is, says what to configure', () => {
    expect(thrown(() => manage(settings, arnOf('b'), v1({ adminSecret: ADMIN, roleId: 'role' })))).toMatchObject(
      NO_ROLE,
    );
  });

  test('in an admin secret is told to be of no use there', () => {
    const access = manage({ adminSecrets: [ADMIN], roleId: 'role' }, arnOf(ADMIN), v1());
    expect(access).toMatchObject({ adminSecret: ADMIN });
    expect(() => access?.open(v1(), new Date())).toThrow('It is a v1 API key, which cannot manage keys.');
  });
});

describe('a host that is not Momento’s', () => {
  const elsewhere = Buffer.from('{"endpoint":"cell.thief.example","api_key":"inner"}').toString('base64');
  test.each([
    ['endpoint', v2({ endpoint: 'cell.thief.example' })],
    ['apiKey', v1({ apiKey: elsewhere })],
    ['authToken', v1({ apiKey: undefined, authToken: elsewhere })],
  ])('is refused, and not said: field %s', (field, secretString) => {
    const error = thrown(() => momentoApiKey()('a').read(secretString));
    expect(error).toBeInstanceOf(InvalidValueError);
    expect(error.message).toMatch(new RegExp(`^Field "${field}" .* MOMENTO_HOSTS`));
    expect(error.message).not.toContain('thief');
    expect(() => momentoApiKey({ hosts: ['thief.example'] })('a').read(secretString)).not.toThrow();
  });
});

test('the id of a key is told, also of one that may not be used', () => {
  const kind = momentoApiKey({ adminSecrets: [ADMIN], roleId: 'other' })(arnOf('a'));
  expect(kind.identify(v2({ endpoint: 'cell.thief.example', adminSecret: 'another' })).id).toBe('id');
  expect(kind.identify(v1()).id).toBeUndefined();
  expect(() => kind.identify('{}')).toThrow(InvalidValueError);
});
