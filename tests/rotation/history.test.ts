import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Entry } from '../../src/rotation/credential.ts';
import { readHistory, readIssued } from '../../src/rotation/history.ts';
import { markDescription, readMarker } from '../../src/rotation/marker.ts';

const SECRET = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:momento/payments-AbCdEf';
const at = (seconds: number) => new Date(seconds * 1000);

/** Issued for a version, while another was current, and after a rotation. */
function entry(versionId: string, predecessor: string, seconds: number, rotated?: number): Entry {
  const id = `key-of-${versionId}`;
  const rotatedAt = rotated === undefined ? undefined : rotated * 1000;
  const description = markDescription('', SECRET, { versionId, predecessor, rotatedAt });
  return { id, roleId: 'operator', description, issuedAt: at(seconds), expiresAt: undefined };
}

describe('the marker', () => {
  const uuid = fc.uuid();
  test('is read back, whatever the description before it', () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 300 }),
        uuid,
        uuid,
        fc.option(uuid, { nil: undefined }),
        (own, a, b, unmarkedId) => {
          const marker = { versionId: a, predecessor: b, rotatedAt: 1_893_456_000_123, unmarkedId };
          const description = markDescription(own, SECRET, marker);
          expect(readMarker(description, SECRET)).toEqual(marker);
          expect(description.length).toBeLessThanOrEqual(256);
          const first = { versionId: b, predecessor: a, rotatedAt: undefined, unmarkedId };
          expect(readMarker(markDescription(description, SECRET, first), SECRET)).toEqual(first);
        },
      ),
    );
  });

  test('stands behind what the predecessor is described with, and takes the place of an older one', () => {
    const marker = { versionId: 'b', predecessor: 'a', rotatedAt: undefined, unmarkedId: 'key' };
    const first = markDescription('payments', SECRET, marker);
    expect(first).toMatch(/^payments \[momento-key-rotation momento\/payments-AbCdEf [\w-]{16} b after a - key\]$/);
    const second = markDescription(first, SECRET, { versionId: 'c', predecessor: 'b', rotatedAt: 1_893_456_000_000 });
    expect(second).toMatch(/^payments \[momento-key-rotation momento\/payments-AbCdEf [\w-]{16} c after b o5uatc00\]$/);
  });

  test('has the place it needs, and a long description gives way', () => {
    const marker = { versionId: 'v'.repeat(60), predecessor: 'p'.repeat(60), rotatedAt: 1, unmarkedId: 'k'.repeat(36) };
    const description = markDescription('x'.repeat(300), `${SECRET.slice(0, -15)}${'n'.repeat(500)}`, marker);
    expect(description.length).toBeLessThanOrEqual(256);
    expect(readMarker(description, `${SECRET.slice(0, -15)}${'n'.repeat(500)}`)).toEqual(marker);
  });

  test.each([
    ['of the same name in another account', SECRET.replace('123456789012', '123456789013')],
    ['of the same name in another Region', SECRET.replace('us-east-1', 'eu-west-1')],
    ['of the same name that was there before', SECRET.replace('AbCdEf', 'FeDcBa')],
  ])('of a secret %s is another', (_, other) => {
    expect(
      readMarker(markDescription('', other, { versionId: 'b', predecessor: 'a', rotatedAt: 1 }), SECRET),
    ).toBeUndefined();
  });

  test.each(['', 'payments', '[momento-key-rotation]', '[momento-key-rotation ]', '[momento-key-rotation a b c]'])(
    'is not in "%s"',
    (description) => {
      expect(readMarker(description, SECRET)).toBeUndefined();
    },
  );

  test('is read behind one that was cut off', () => {
    const marker = { versionId: 'b', predecessor: 'a', rotatedAt: 1, unmarkedId: undefined };
    expect(readMarker(markDescription('[momento-key-rotation x', SECRET, marker), SECRET)).toEqual(marker);
  });

  test('that somebody else wrote may have anything in it', () => {
    const marker = { versionId: 'b', predecessor: 'a', rotatedAt: undefined };
    const description = markDescription('', SECRET, marker).replace(' b ', ' 100% ');
    expect(readMarker(description, SECRET)).toEqual({ ...marker, versionId: '100%', unmarkedId: undefined });
  });

  test('that was cut off is none', () => {
    const [beginning = ''] = markDescription('', SECRET, { versionId: 'b', predecessor: 'a', rotatedAt: 1 }).split(
      ' b ',
    );
    expect(readMarker(`${beginning}]`, SECRET)).toBeUndefined();
    expect(readMarker(`${beginning} b after]`, SECRET)).toBeUndefined();
  });
});

/** As a rotation left it, with `current` and `previous`, or with other labels. */
function seen(lastRotatedAt: number | undefined, current: string, previous: string, pending?: string) {
  return {
    arn: SECRET,
    name: 'momento/payments',
    lastRotatedAt: lastRotatedAt === undefined ? undefined : at(lastRotatedAt),
    rotationEnabled: true,
    rotationRules: undefined,
    replicaOf: undefined,
    isDeleted: false,
    stages: {
      [current]: ['AWSCURRENT'],
      [previous]: ['AWSPREVIOUS'],
      ...(pending !== undefined && { [pending]: [...(pending === current ? ['AWSCURRENT'] : []), 'AWSPENDING'] }),
    },
  };
}

const read = (entries: Entry[], ...labels: Parameters<typeof seen>) =>
  readHistory(readIssued(entries, SECRET), seen(...labels));

describe('a version was superseded', () => {
  const history = [entry('b', 'a', 100), entry('c', 'b', 200), entry('d', 'c', 300)];

  test('when another is known to have been current: at the end of a rotation, or when a successor of it was issued', () => {
    const { supersededBy } = read(history, 205, 'c', 'b', 'd');
    expect(supersededBy('a')).toBe(200_000);
    expect(supersededBy('b')).toBe(205_001);
    expect(supersededBy('c')).toBeUndefined();
    expect(supersededBy('d')).toBeUndefined();
    expect(supersededBy('unknown')).toBeUndefined();
  });

  test('in any order of the register', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(history, { minLength: 3 }), (entries) => {
        expect(read(entries, 205, 'c', 'b').supersededBy('b')).toBe(205_001);
      }),
    );
  });

  test('not before the end of the rotation that was last, although nothing tells it', () => {
    expect(read(history, undefined, 'd', 'c').supersededBy('b')).toBe(300_000);
    expect(read(history.slice(0, 2), undefined, 'c', 'b').supersededBy('b')).toBeUndefined();
  });

  test('although the dates are of whole seconds, and the same', () => {
    expect(read([entry('b', 'a', 100)], 100, 'b', 'a').supersededBy('a')).toBe(100_001);
  });

  test('at the end of each rotation that a later one knows of', () => {
    const known = [entry('b', 'a', 100), entry('c', 'b', 200, 105), entry('d', 'c', 300, 205)];
    const { supersededBy } = read(known, 305, 'd', 'c');
    expect(supersededBy('a')).toBe(105_001);
    expect(supersededBy('b')).toBe(205_001);
    expect(supersededBy('c')).toBe(305_001);
  });

  test('not by one that was issued later than that end, whatever the clocks say', () => {
    // That of whoever issues credentials is a minute late.
    const late = [entry('b', 'a', 40), entry('c', 'b', 140, 105), entry('d', 'c', 170, 205)];
    expect(read(late, 205, 'c', 'b', 'd').supersededBy('c')).toBeUndefined();
    expect(read(late, 205, 'c', 'b', 'd').supersededBy('b')).toBe(170_000);
    expect(read(late, 235, 'd', 'c').supersededBy('c')).toBe(235_001);
  });

  test('later, if it was made current once more', () => {
    const more = [...history, entry('e', 'b', 400), entry('f', 'e', 500)];
    const { supersededBy } = read(more, 505, 'f', 'e');
    expect(supersededBy('b')).toBe(500_000);
    // Nothing tells that it was current after its rotation was completed.
    expect(supersededBy('d')).toBe(400_000);
  });

  test('not before labels were moved by somebody else, whichever it is', () => {
    // Somebody went from d back to b, or stored another value, before e was issued.
    for (const moved of ['b', 'by-hand']) {
      const { supersededBy } = read([...history, entry('e', moved, 400), entry('f', 'e', 500)], 505, 'f', 'e');
      expect(supersededBy('a')).toBe(400_000);
      expect(supersededBy('c')).toBe(400_000);
    }
  });

  test('by nobody knows what, where the labels are not as a rotation leaves them', () => {
    expect(read(history, 305, 'd', 'c').supersededBy('b')).toBe(300_000);
    expect(read(history, 305, 'c', 'd').supersededBy('b')).toBeUndefined();
    expect(read(history, 305, 'by-hand', 'd').supersededBy('b')).toBeUndefined();
    expect(read(history, 305, 'd', 'by-hand').supersededBy('b')).toBeUndefined();
  });

  test('not before a rotation was completed after labels were moved', () => {
    const moved = [...history, entry('e', 'by-hand', 400, 305), entry('f', 'e', 500, 455)];
    expect(read(moved, 505, 'f', 'e').supersededBy('a')).toBe(455_001);
  });

  test('although it was given up, and never current', () => {
    const entries = [...history, entry('given-up', 'd', 400, 305), entry('e', 'd', 500, 305)];
    expect(read(entries, 505, 'e', 'd').supersededBy('given-up')).toBe(500_000);
    expect(read(entries, 505, 'e', 'd').supersededBy('c')).toBe(305_001);
  });

  test('although successors were given up, which is not to move labels', () => {
    const entries = [...history, entry('given-up', 'd', 400), entry('e', 'd', 500), entry('f', 'e', 600)];
    expect(read(entries, 605, 'f', 'e').supersededBy('a')).toBe(200_000);
  });
});
