import { describe, expect, test } from 'vitest';
import { writeMarker } from '../../src/revocation/marker.ts';
import { type Evidence, type Held, isAnotherSecrets, planRevocations } from '../../src/revocation/plan.ts';
import type { KeyRecord } from '../../src/revocation/registry.ts';

const SECRET = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:momento/payments-AbCdEf';
const OTHER = SECRET.replace('payments', 'orders');
const HOUR = 3_600_000;

interface Key {
  /** The version that it was issued for. */
  of: string;
  after: string;
  /** Hours. */
  at: number;
  id?: string;
  nonce?: string;
  secret?: string;
}

function record({ of, after, at, id = `key-${of}`, nonce = `nonce-${id}`, secret = SECRET }: Key): KeyRecord {
  const description = writeMarker(secret, { versionId: of, predecessor: after, nonce });
  return { id, roleId: 'role', description, issuedAt: new Date(at * HOUR), expiresAt: undefined };
}

/** A key without a marker. */
const plain = (id: string, at: number, description = 'by hand'): KeyRecord => ({
  id,
  roleId: 'role',
  description,
  issuedAt: new Date(at * HOUR),
  expiresAt: undefined,
});

function held(id: string | undefined, at = 9): Held {
  const credential = id === undefined ? undefined : { id, roleId: 'role', expiresAt: undefined };
  return { credential, storedAt: new Date(at * HOUR) };
}

/** v1 to v5 have been rotated to, from one stored by hand. Labels and holdings are as that leaves them. */
const FIVE = {
  records: [
    plain('key-v0', 0),
    ...[1, 2, 3, 4, 5].map((n) => record({ of: `v${n}`, after: `v${n - 1}`, at: n })),
  ] as KeyRecord[],
  stages: { v5: ['AWSCURRENT'], v4: ['AWSPREVIOUS'] } as Record<string, string[]>,
  holdings: new Map([0, 1, 2, 3, 4, 5].map((n) => [`v${n}`, held(`key-v${n}`, n)])),
};

type Change = Partial<Omit<Evidence, 'secret'> & Evidence['secret']>;

function plan({ stages = FIVE.stages, lastRotatedAt, lastChangedAt, ...change }: Change = {}) {
  const plan = planRevocations({
    secret: { arn: SECRET, stages, lastRotatedAt, lastChangedAt },
    records: FIVE.records,
    holdings: FIVE.holdings,
    adminId: 'admin',
    revokesFirstKey: false,
    overlapMs: HOUR,
    ...change,
  });
  const superseded = plan.afterRotation.keys;
  return { ...plan, superseded, wayBack: plan.byClock.keys.slice(superseded.length) };
}

const ids = (keys: readonly { id: string }[]) => keys.map(({ id }) => id);
const holding = (versionId: string, id: string | undefined) => new Map([...FIVE.holdings, [versionId, held(id)]]);

describe('superseded', () => {
  test('is what was issued before the current one, and has no label any more, the oldest first', () => {
    expect(ids(plan().superseded)).toEqual(['key-v1', 'key-v2', 'key-v3']);
    expect(ids(plan({ records: FIVE.records.toReversed() }).superseded)).toEqual(['key-v1', 'key-v2', 'key-v3']);
  });

  test.each(['AWSPENDING', 'mine', 'AWSPREVIOUS'])('is nothing with the label %s', (label) => {
    const stages = { ...FIVE.stages, v2: [label], ...(label === 'AWSPREVIOUS' && { v4: [] }) };
    expect(ids(plan({ stages }).superseded)).not.toContain('key-v2');
  });

  test('is a version without labels, although it is listed with none', () => {
    expect(ids(plan({ stages: { ...FIVE.stages, v2: [] } }).superseded)).toContain('key-v2');
  });

  test('is nothing that a labelled version holds as well', () => {
    const change = { stages: { ...FIVE.stages, again: ['mine'] }, holdings: holding('again', 'key-v2') };
    expect(ids(plan(change).superseded)).toEqual(['key-v1', 'key-v3']);
  });

  test('is nothing where an operator went back: what they came from was issued later', () => {
    const stages = { v4: ['AWSCURRENT'], v3: ['AWSPREVIOUS'] };
    expect(ids(plan({ stages }).superseded)).toEqual(['key-v1', 'key-v2']);
  });

  test.each([
    ['back', { v4: ['AWSCURRENT'], v5: ['AWSPREVIOUS'] }],
    ['to an older version', { v2: ['AWSCURRENT'], v5: ['AWSPREVIOUS'] }],
    ['to a value stored by hand', { hand: ['AWSCURRENT'], v5: ['AWSPREVIOUS'] }],
    ['nowhere', { v5: ['AWSCURRENT'] }],
  ])('is nothing where the labels are not as a rotation leaves them, but moved %s', (_, stages) => {
    const { superseded, wayBack, overdue } = plan({ stages, holdings: holding('hand', 'unknown') });
    expect([...superseded, ...wayBack, ...overdue]).toEqual([]);
  });

  test('is nothing where the current version holds another key than the one that was issued for it', () => {
    expect(plan({ holdings: holding('v5', 'key-of-a-stranger') }).superseded).toEqual([]);
  });

  test('is nothing that was issued in the same moment as the current one, and was not succeeded by it', () => {
    const records = [...FIVE.records, record({ of: 'given-up', after: 'v4', at: 5 })];
    const change = { records, holdings: holding('given-up', 'key-given-up') };
    expect(ids(plan(change).superseded)).toEqual(['key-v1', 'key-v2', 'key-v3']);
    const earlier = [...FIVE.records, record({ of: 'given-up', after: 'v4', at: 4.9 })];
    expect(ids(plan({ ...change, records: earlier }).superseded)).toEqual([
      'key-v1',
      'key-v2',
      'key-v3',
      'key-given-up',
    ]);
  });

  test('is what was stored before the current version was, although the registry has the same second for both', () => {
    const records = [...FIVE.records, record({ of: 'given-up', after: 'v4', at: 5 })];
    const holdings = new Map([...FIVE.holdings, ['given-up', held('key-given-up', 4.9)]]);
    expect(ids(plan({ records, holdings }).superseded)).toContain('key-given-up');
  });

  test('begins with what was stored by hand, where the registry has the same second for its successor', () => {
    const same = FIVE.records.map((each) => ({ ...each, issuedAt: new Date(0) }));
    expect(ids(plan({ records: same, revokesFirstKey: true }).superseded)[0]).toBe('key-v0');
  });

  test('is what was succeeded, although all dates are the same, or the markers go round in a circle', () => {
    const same = FIVE.records.map((each) => ({ ...each, issuedAt: new Date(0) }));
    expect(ids(plan({ records: same }).superseded)).toEqual(['key-v1', 'key-v2', 'key-v3']);
    const circle = [...FIVE.records.slice(1), record({ of: 'v0', after: 'v5', at: 0 })];
    expect(ids(plan({ records: circle }).superseded)).toEqual(['key-v0', 'key-v1', 'key-v2', 'key-v3']);
  });

  test('is never the key that manages keys', () => {
    expect(ids(plan({ adminId: 'key-v2' }).superseded)).toEqual(['key-v1', 'key-v3']);
  });

  test('is nothing that was issued for another secret', () => {
    const records = [...FIVE.records, record({ of: 'v2', after: 'v1', at: 2, id: 'others', secret: OTHER })];
    expect(ids(plan({ records, holdings: holding('v2', 'others') }).superseded)).toEqual(['key-v1', 'key-v3']);
  });
});

describe('is due', () => {
  const at = (hours: number) => new Date(hours * HOUR);

  test('at the end of a rotation, when the one before and the current value are older than the overlap', () => {
    expect(plan({ lastRotatedAt: at(6) }).afterRotation.from).toBe(7 * HOUR);
    expect(plan({ lastRotatedAt: at(4) }).afterRotation.from).toBe(6 * HOUR);
    expect(plan({ lastRotatedAt: at(6), overlapMs: 2 * HOUR }).afterRotation.from).toBe(8 * HOUR);
  });

  test('by the clock, when nothing about the secret has changed for as long', () => {
    expect(plan({ lastRotatedAt: at(4), lastChangedAt: at(9) }).byClock.from).toBe(10 * HOUR);
  });

  test.each<[string, Change, 'afterRotation' | 'byClock']>([
    ['no rotation has ended', {}, 'afterRotation'],
    [
      'the value tells no date',
      {
        lastRotatedAt: at(6),
        holdings: new Map([...FIVE.holdings, ['v5', { ...held('key-v5'), storedAt: undefined }]]),
      },
      'afterRotation',
    ],
    ['there is no current version', { lastRotatedAt: at(6), stages: {} }, 'afterRotation'],
    ['the secret tells no date', { lastRotatedAt: at(6) }, 'byClock'],
  ])('never, where %s', (_, change, when) => {
    expect(plan(change)[when].from).toBeNaN();
  });

  test('by the clock what is at the end of a rotation, and after it what AWSPREVIOUS holds', () => {
    expect(ids(plan().byClock.keys)).toEqual([...ids(plan().superseded), 'key-v4']);
  });
});

describe('the way back', () => {
  test('is what AWSPREVIOUS holds, and nothing else does', () => {
    expect(ids(plan().wayBack)).toEqual(['key-v4']);
    expect(plan({ stages: { ...FIVE.stages, v4: ['AWSPREVIOUS', 'mine'] } }).wayBack).toEqual([]);
    const again = { stages: { ...FIVE.stages, again: ['mine'] }, holdings: holding('again', 'key-v4') };
    expect(plan(again).wayBack).toEqual([]);
  });
});

describe('a copied description', () => {
  const copied = (of: string, at: number) => {
    const original = FIVE.records.find(({ id }) => id === `key-${of}`) as KeyRecord;
    return { ...original, id: 'copy', issuedAt: new Date(at * HOUR) };
  };

  test.each([
    ['v2', 2],
    ['v2', 2.01],
    ['v2', 9],
    ['v5', 5],
    ['v5', 5.01],
  ])('of %s, at %s h, proves nothing', (of, at) => {
    const { superseded, orphans, overdue, unproven } = plan({ records: [...FIVE.records, copied(of, at)] });
    expect(ids([...superseded, ...orphans, ...overdue])).not.toContain('copy');
    expect(ids(unproven)).toEqual(['copy']);
  });

  test('nor does it when the original is revoked, and long past', () => {
    const records = [...FIVE.records.filter(({ id }) => id !== 'key-v2'), copied('v2', 9)];
    expect(plan({ records }).orphans).toEqual([]);
  });
});

describe('an orphan', () => {
  const orphan = (change: Partial<Key> = {}) =>
    record({ of: 'v5', after: 'v4', at: 4.9, id: 'orphan', nonce: 'lost', ...change });
  const orphans = (change: Partial<Key>, evidence: Change = {}) =>
    ids(plan({ records: [...FIVE.records, orphan(change)], ...evidence }).orphans);

  test('was issued for a version that holds another, before that one or with it', () => {
    expect(orphans({})).toEqual(['orphan']);
    expect(orphans({ at: 5 })).toEqual(['orphan']);
    expect(orphans({ at: 5.25 })).toEqual(['orphan']);
  });

  test('is none when it was issued longer after that one than an invocation may take', () => {
    expect(orphans({ at: 5.26 })).toEqual([]);
  });

  test('was issued for a version that was given up empty, before another with the same predecessor was stored', () => {
    expect(orphans({ of: 'given-up' })).toEqual(['orphan']);
    expect(orphans({ of: 'given-up', after: 'v4b' })).toEqual([]);
    // Whoever copied the description of one that is gone would do so later, or earlier.
    expect(orphans({ of: 'given-up', at: 4.7 })).toEqual([]);
    expect(orphans({ of: 'given-up', at: 5.3 })).toEqual([]);
  });

  test('is none where the version holds nothing of ours that is listed', () => {
    const stages = { ...FIVE.stages, odd: ['mine'] };
    expect(orphans({ of: 'odd' }, { holdings: holding('odd', undefined), stages })).toEqual([]);
    expect(orphans({ of: 'odd' }, { holdings: holding('odd', 'somebody-elses'), stages })).toEqual([]);
  });

  test('has the role of the one that is stored', () => {
    const theirs = { ...orphan(), roleId: 'owner' };
    expect(plan({ records: [...FIVE.records, theirs] }).orphans).toEqual([]);
    expect(ids(plan({ records: [...FIVE.records, theirs] }).unproven)).toEqual(['orphan']);
  });

  test('is none as long as it may still be stored', () => {
    expect(orphans({ of: 'v6' }, { stages: { ...FIVE.stages, v6: ['AWSPENDING'] } })).toEqual([]);
    const records = [...FIVE.records, orphan({ of: 'v6' })];
    expect(plan({ records, stages: { ...FIVE.stages, v6: ['AWSPENDING'] } }).unproven).toEqual([]);
  });

  test('is none when a labelled version holds it all the same, or it manages keys', () => {
    expect(orphans({}, { holdings: holding('again', 'orphan'), stages: { ...FIVE.stages, again: ['mine'] } })).toEqual(
      [],
    );
    expect(orphans({}, { adminId: 'orphan' })).toEqual([]);
  });

  test('is none as long as another one has its nonce: when it is gone, nobody can tell that one for a copy', () => {
    const records = [...FIVE.records, orphan(), orphan({ id: 'copy', at: 4.95 })];
    expect(plan({ records }).orphans).toEqual([]);
    expect(ids(plan({ records }).unproven)).toEqual(['orphan', 'copy']);
  });

  test('is none when the key of its version is not listed any more, of which it may be a copy', () => {
    // After a rollback another one has the same predecessor.
    const again = record({ of: 'v4-again', after: 'v1', at: 5 });
    const holdings = holding('v4-again', 'key-v4-again');
    const all = [...FIVE.records, again, record({ of: 'v2', after: 'v1', at: 4, id: 'copy', nonce: 'nonce-key-v2' })];
    const gone = all.filter(({ id }) => id !== 'key-v2');
    expect(ids(plan({ records: gone, holdings }).orphans)).toEqual([]);
    expect(ids(plan({ records: gone, holdings }).unproven)).toEqual(['copy']);
  });
});

describe('overdue', () => {
  test('is what the last two rotations should have revoked, and not what they left for the next', () => {
    expect(ids(plan().overdue)).toEqual(['key-v1']);
  });

  test('is sure where the longer one of the last two intervals is that of the overlap, and a rotation takes its time', () => {
    const MOST_MS = 600_000;
    const isSureUpTo = (overlapMs: number, records = FIVE.records) => {
      expect(plan({ overlapMs: overlapMs + 1, records }).isOverdueSure).toBe(false);
      return plan({ overlapMs, records }).isOverdueSure;
    };
    expect(isSureUpTo(HOUR - MOST_MS)).toBe(true);
    const earlier = FIVE.records.map((each) =>
      each.id === 'key-v3' ? record({ of: 'v3', after: 'v2', at: 2.5 }) : each,
    );
    expect(isSureUpTo(1.5 * HOUR - MOST_MS, earlier)).toBe(true);
    const later = [...FIVE.records.slice(0, -1), record({ of: 'v5', after: 'v4', at: 6 })];
    expect(isSureUpTo(2 * HOUR - MOST_MS, later)).toBe(true);
  });

  test('is an orphan that it should have revoked', () => {
    const records = [
      ...FIVE.records,
      record({ of: 'v2', after: 'v1', at: 2, id: 'old', nonce: 'x' }),
      record({ of: 'v5', after: 'v4', at: 5, id: 'new', nonce: 'y' }),
    ];
    expect(ids(plan({ records }).orphans)).toEqual(['old', 'new']);
    expect(ids(plan({ records }).overdue)).toEqual(['key-v1', 'old']);
  });

  test('is nothing as long as there was but one rotation', () => {
    const stages = { v1: ['AWSCURRENT'], v0: ['AWSPREVIOUS'] };
    expect(plan({ stages, records: FIVE.records.slice(0, 2) })).toMatchObject({
      overdue: [],
      isOverdueSure: false,
    });
  });
});

describe('a key that was stored by hand', () => {
  test('and succeeded is told, and revoked only if that is wanted', () => {
    expect(ids(plan().byHand)).toEqual(['key-v0']);
    const { byHand, superseded } = plan({ revokesFirstKey: true });
    expect(byHand).toEqual([]);
    expect(ids(superseded)).toEqual(['key-v0', 'key-v1', 'key-v2', 'key-v3']);
  });

  test('is revoked before the last one that tells of it', () => {
    const waitsFor = (change: Change) =>
      plan({ revokesFirstKey: true, ...change }).superseded.find(({ id }) => id === 'key-v1')?.revokeAfter;
    expect(waitsFor({})).toBe('key-v0');
    const again = record({ of: 'again', after: 'v0', at: 4.5 });
    const change = { records: [...FIVE.records, again], holdings: holding('again', 'key-again') };
    expect(waitsFor(change)).toBe('key-v0');
    // Another tells of it, too, and stays.
    expect(waitsFor({ ...change, stages: { ...FIVE.stages, again: ['mine'] } })).toBeUndefined();
    // It may not be revoked yet.
    const labelled = { revokesFirstKey: true, stages: { ...FIVE.stages, v0: ['mine'] } };
    expect(ids(plan(labelled).superseded)).toEqual(['key-v2', 'key-v3']);
  });

  test('is revoked before what AWSPREVIOUS holds, where only that tells of it', () => {
    // v1 and v2 have been rotated to, from the one stored by hand.
    const two = { records: FIVE.records.slice(0, 3), revokesFirstKey: true };
    const stages = { v2: ['AWSCURRENT'], v1: ['AWSPREVIOUS'] };
    const byClock = plan({ ...two, stages }).byClock.keys;
    expect(byClock.map(({ id, revokeAfter }) => [id, revokeAfter])).toEqual([
      ['key-v0', undefined],
      ['key-v1', 'key-v0'],
    ]);
    // It may not be revoked yet.
    expect(plan({ ...two, stages: { ...stages, v0: ['mine'] } }).byClock.keys).toEqual([]);
  });

  test('is not told while nothing of this function has succeeded it', () => {
    const stages = { v0: ['AWSCURRENT'] };
    expect(plan({ stages, records: FIVE.records.slice(0, 1) }).byHand).toEqual([]);
  });

  test.each([
    ['is not in the registry', FIVE.records.slice(1)],
    [
      'was issued for another secret',
      [record({ of: 'v0', after: 'x', at: 0, secret: OTHER }), ...FIVE.records.slice(1)],
    ],
  ])('and %s is somebody else’s business', (_, records) => {
    expect(plan({ records, revokesFirstKey: true })).toMatchObject({ byHand: [] });
    expect(ids(plan({ records, revokesFirstKey: true }).superseded)).toEqual(['key-v1', 'key-v2', 'key-v3']);
  });

  test.each([
    ['role', { roleId: 'another' }],
    ['expiry', { expiresAt: new Date(HOUR) }],
  ])('is not the one with its id, which has another %s', (_, other) => {
    const credential = { id: 'key-v0', roleId: 'role', expiresAt: undefined };
    const of = (change: object) =>
      new Map([...FIVE.holdings, ['v0', { ...held('key-v0'), credential: { ...credential, ...change } }]]);
    const records = FIVE.records.map((each) => (each.id === 'key-v0' ? { ...each, ...other } : each));
    expect(ids(plan({ holdings: of({ expiresAt: new Date(2 * HOUR) }), records }).byHand)).toEqual([]);
    expect(ids(plan({ holdings: of(other), records }).byHand)).toEqual(['key-v0']);
  });

  test('is not revoked where the value leaves out when it expires, although that is wanted', () => {
    const records = FIVE.records.map((each) => (each.id === 'key-v0' ? { ...each, expiresAt: new Date(HOUR) } : each));
    const { superseded, byHand } = plan({ records, revokesFirstKey: true });
    expect(ids(superseded)).toEqual(['key-v1', 'key-v2', 'key-v3']);
    expect(ids(byHand)).toEqual(['key-v0']);
  });

  test('and manages keys stays', () => {
    expect(plan({ adminId: 'key-v0' }).byHand).toEqual([]);
  });
});

test('a key in the current value that was issued for another secret is told from others', () => {
  const others = record({ of: 'w', after: 'x', at: 1, id: 'others', secret: OTHER });
  expect(isAnotherSecrets(others, SECRET)).toBe(true);
  expect(isAnotherSecrets(FIVE.records[1], SECRET)).toBe(false);
  expect(isAnotherSecrets(FIVE.records[0], SECRET)).toBe(false);
  expect(isAnotherSecrets(undefined, SECRET)).toBe(false);
  const change = { records: [...FIVE.records, others], holdings: holding('v5', 'others') };
  expect(plan(change)).toMatchObject({ isAnotherSecrets: true, superseded: [] });
  expect(plan({ stages: {} })).toMatchObject({ isAnotherSecrets: false, superseded: [] });
});
