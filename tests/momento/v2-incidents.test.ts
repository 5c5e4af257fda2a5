import { CancelRotateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { LocalMomento } from '../../src/local/momento/momento.ts';
import { exchange } from '../../src/momento/exchange.ts';
import {
  ADMIN_SECRET,
  attach,
  DAY,
  HOUR,
  MINUTE,
  type Played,
  startV2,
  type V2Stage,
  type V2StageOptions,
} from './v2-stage.ts';

/** What people and clocks do, which a rotation cannot know of. */

async function rotate(stage: V2Stage, times = 1, pauseMs = DAY): Promise<void> {
  for (let rotation = 0; rotation < times; rotation += 1) {
    expect((await stage.rotate()).outcomes).toEqual(['issued', 'nothing to set', 'accepted', 'promoted']);
    stage.pass(pauseMs);
  }
}

async function holder(stage: V2Stage, label: string): Promise<string> {
  return Object.entries(await stage.labels()).find(([, labels]) => labels.includes(label))?.[0] ?? '';
}

/** @returns the version that is current then */
async function goBack(stage: V2Stage): Promise<string> {
  const [from, to] = [await holder(stage, 'AWSCURRENT'), await holder(stage, 'AWSPREVIOUS')];
  await stage.moveLabel('AWSCURRENT', { from, to });
  return to;
}

/** Momento does not answer the ping, so that the rotation stays pending. */
async function rotateInVain(stage: V2Stage): Promise<Played> {
  const unavailable = { kind: 'error', error: { code: 'UNAVAILABLE' } } as const;
  stage.momento.faults.add({ call: 'Get', mishap: unavailable, times: Number.POSITIVE_INFINITY });
  const played = await stage.rotate();
  stage.momento.faults.clear();
  return played;
}

const fresh = ({ momento }: V2Stage) => momento.issueV2Key({ description: 'by hand' }).secretString;
const keyIn = (secretString: string): string => JSON.parse(secretString).apiKey;

/** A stage on which three rotations went well; the service takes `AWSPENDING` off what was promoted. */
async function startRotated(options: V2StageOptions = {}): Promise<V2Stage> {
  const stage = await startV2({ secretsManager: { pendingAfterSuccess: 'removed' }, ...options });
  await rotate(stage, 3);
  return stage;
}

vi.mock('../../src/momento/exchange.ts', { spy: true });
const { exchange: real } = await vi.importActual<{ exchange: typeof exchange }>('../../src/momento/exchange.ts');
afterEach(() => {
  vi.mocked(exchange).mockImplementation(real);
});

/** Momento's HTTP API, with something else about some of its calls. */
function tamper(change: (send: () => Promise<Response>, method: string, url: string) => Promise<Response>): void {
  vi.mocked(exchange).mockImplementation(async (url, request, timeoutMs) => {
    const send = async () => {
      const { status = 0, body } = (await real(url, request, timeoutMs)) ?? {};
      return new Response(body ?? null, { status });
    };
    const answer = await change(send, request.method, url);
    return { status: answer.status, body: answer.ok ? await answer.text() : undefined };
  });
}

describe('what was current a minute ago is not revoked', () => {
  test('when somebody went back to it for a day, and then stored a value', async () => {
    const stage = await startRotated();
    await goBack(stage);
    const { apiKey } = await stage.value();
    stage.pass(DAY);
    await stage.put(fresh(stage));
    stage.pass(MINUTE);
    await rotate(stage, 1, MINUTE);
    expect(stage.momento.isValid(apiKey)).toBe(true);
    expect(stage.wrongRevocations()).toEqual([]);

    // Two rotations later all is as it was.
    await rotate(stage, 3);
    expect(stage.momento.isValid(apiKey)).toBe(false);
    expect(stage.wrongRevocations()).toEqual([]);
  });

  test('when somebody went back and stored a value at once, and cancelled the rotation after it', async () => {
    const stage = await startRotated();
    const { apiKey } = await stage.value();
    await goBack(stage);
    await stage.put(fresh(stage));
    stage.pass(MINUTE);
    const { versionId } = await stage.rotate();
    expect(stage.momento.isValid(apiKey)).toBe(true);

    await stage.operator.send(new CancelRotateSecretCommand({ SecretId: stage.secretId }));
    stage.pass(MINUTE);
    await stage.late('finishSecret', versionId);
    expect(stage.wrongRevocations()).toEqual([]);
  });

  test('when the sandbox was killed after it promoted it', async () => {
    const stage = await startRotated();
    const before = await holder(stage, 'AWSCURRENT');
    stage.configure({ killAfter: 'RevokeApiKey' });
    const { versionId } = await stage.rotate();
    stage.configure({ killAfter: undefined });
    const { apiKey } = await stage.value(versionId);
    stage.pass(10 * MINUTE);
    await stage.moveLabel('AWSCURRENT', { from: versionId, to: before });
    await stage.put(fresh(stage));
    stage.pass(MINUTE);
    await stage.rotate();
    expect(stage.momento.isValid(apiKey)).toBe(true);
    expect(stage.wrongRevocations()).toEqual([]);
  });

  test('when somebody promoted it by hand, and stored two values', async () => {
    const stage = await startRotated();
    const before = await holder(stage, 'AWSCURRENT');
    const { versionId } = await rotateInVain(stage);
    await stage.moveLabel('AWSCURRENT', { from: before, to: versionId });
    await stage.moveLabel('AWSPENDING', { from: versionId });
    const { apiKey } = await stage.value();
    stage.pass(10 * MINUTE);
    await stage.put(fresh(stage));
    await stage.put(fresh(stage));
    stage.pass(MINUTE);
    await stage.rotate();
    expect(stage.momento.isValid(apiKey)).toBe(true);
    expect(stage.wrongRevocations()).toEqual([]);
  });

  test('when somebody stored an older value once more, and others after it', async () => {
    const stage = await startRotated();
    await stage.put(await stage.valueText(await holder(stage, 'AWSPREVIOUS')));
    stage.pass(DAY);
    await stage.put(fresh(stage));
    await stage.put(fresh(stage));
    stage.pass(MINUTE);
    await stage.rotate();
    expect(stage.wrongRevocations()).toEqual([]);
  });

  test('when somebody went back to it while a rotation was waiting for Momento', async () => {
    const stage = await startRotated({ sandboxes: 'each' });
    await rotateInVain(stage);
    stage.pass(HOUR);
    await goBack(stage);
    stage.pass(HOUR);
    await stage.retry();
    stage.pass(MINUTE);
    await stage.rotate();
    expect(stage.wrongRevocations()).toEqual([]);
  });

  test('when it was promoted by hand, and the rotation after it has not ended yet', async () => {
    const stage = await startRotated();
    const before = await holder(stage, 'AWSCURRENT');
    const { versionId } = await rotateInVain(stage);
    await stage.moveLabel('AWSCURRENT', { from: before, to: versionId });
    const { apiKey } = await stage.value();
    stage.pass(10 * MINUTE);
    await stage.moveLabel('AWSPENDING', { from: versionId });
    await stage.moveLabel('AWSCURRENT', { from: versionId, to: before });
    stage.pass(MINUTE);
    // The answer to the move is lost, and the run of a schedule comes before the service tries again.
    stage.configure({ killAfter: 'ListApiKeys', sandboxes: 'each' });
    await stage.rotate();
    stage.configure({ killAfter: undefined });
    await stage.revokeRetired();
    await stage.retry();
    await stage.revokeRetired();
    expect(stage.momento.isValid(apiKey)).toBe(true);
    expect(stage.wrongRevocations()).toEqual([]);
  });

  test('when somebody goes back to it between two attempts to revoke it', async () => {
    const stage = await startV2({ secretsManager: { pendingAfterSuccess: 'removed' } });
    await rotate(stage);
    const older = await holder(stage, 'AWSCURRENT');
    const { apiKey } = await stage.value();
    await rotate(stage);
    let isBack = false;
    stage.configure({
      async onSleep() {
        if (isBack || !stage.momento.calls.some(({ outcome }) => outcome === 429)) return;
        isBack = true;
        await stage.moveLabel('AWSCURRENT', { from: await holder(stage, 'AWSCURRENT'), to: older });
      },
    });
    stage.momento.apiKeysFaults.add({ call: 'RevokeApiKey', mishap: { kind: 'error', error: { status: 429 } } });
    await stage.rotate();

    expect(isBack).toBe(true);
    expect((await stage.value()).apiKey).toBe(apiKey);
    expect(stage.momento.isValid(apiKey)).toBe(true);
  });

  test('when another sandbox gives the version up in the moment in which it is promoted', async () => {
    const stage = await startV2();
    await rotate(stage, 2);
    const unknown = { kind: 'error', error: { code: 'UNAUTHENTICATED' } } as const;
    let other: unknown;
    stage.configure({
      async beforeMove() {
        if (other !== undefined) return;
        // The other one reaches a part of Momento that does not know the key yet.
        stage.momento.faults.add({ call: 'Get', mishap: unknown, times: 4 });
        other = await stage.repeat('testSecret').catch((error: unknown) => error);
      },
    });
    const { outcomes } = await stage.rotate();

    expect(outcomes.at(-1)).toBe('promoted');
    expect(other).toMatchObject({ failure: 'permanent' });
    expect(stage.momento.isValid((await stage.value()).apiKey)).toBe(true);
  });
});

describe('the key of another secret is not revoked', () => {
  test('although this one was copied from it', async () => {
    const stage = await startV2();
    await rotate(stage, 2);
    const { apiKey } = await stage.value();
    const rotateOther = await attach(stage, 'momento/payments-copy', await stage.valueText());
    for (let rotation = 0; rotation < 3; rotation += 1) {
      await rotateOther();
      stage.pass(DAY);
    }
    expect(stage.momento.isValid(apiKey)).toBe(true);
  });

  test.each([
    ['role', { roleId: 'owner' }],
    ['expiry', { validForSeconds: 3 * 86_400 }],
  ])('although this one has its id by mistake, with another %s', async (_, other) => {
    let theirs = '';
    const stage = await startV2({
      secretString(momento) {
        theirs = momento.issueV2Key({ description: 'another application', ...other }).keyId;
        return JSON.stringify({ ...JSON.parse(momento.issueV2Key().secretString), keyId: theirs });
      },
    });
    await rotate(stage);
    expect(stage.warnings()).toEqual([expect.stringMatching(/is that of a key with another role or expiry/)]);
    expect(stage.descriptionOf((await stage.value()).keyId)).not.toContain('another application');
    await rotate(stage, 2, 12 * HOUR);
    expect(stage.liveKeys()).toContain(theirs);
  });
});

describe('an API key where the name of something should be', () => {
  const within = (field: string) => (momento: LocalMomento) =>
    JSON.stringify({
      ...JSON.parse(momento.issueV2Key().secretString),
      [field]: momento.issueV2Key({ roleId: 'owner' }).apiKey,
    });

  test.each(['adminSecret', 'keyId', 'roleId'])('is refused, and not said: %s', async (field) => {
    const stage = await startV2({ secretString: within(field) });
    const { error } = await stage.rotate();
    const value: Record<string, string> = JSON.parse(await stage.valueText());
    expect(error).toMatchObject({ failure: 'operator', message: expect.stringContaining(`Field "${field}"`) });
    expect(error?.message).not.toContain(value[field]);
    expect(stage.callsMade()).not.toContain('GenerateApiKey');
  });

  test('is refused in a v1 secret as well', async () => {
    const stage = await startV2({
      secretString: (momento) =>
        JSON.stringify({
          ...JSON.parse(momento.issueKey().secretString),
          adminSecret: momento.issueV2Key().apiKey,
        }),
    });
    const { error } = await stage.rotate();
    expect(error?.message).toContain('Field "adminSecret" holds an API key');
    expect(error?.message).not.toContain(JSON.parse(await stage.valueText()).adminSecret);
  });
});

describe('nothing is left live for good', () => {
  test('but a key that Momento refuses to revoke', async () => {
    const stage = await startV2();
    await rotate(stage, 2);
    const { keyId } = await stage.value();
    tamper((send, method, url) =>
      method === 'DELETE' && url.endsWith(keyId)
        ? Promise.resolve(Response.json({ code: 'x' }, { status: 403 }))
        : send(),
    );
    await rotate(stage, 5);
    expect(stage.liveKeys()).toHaveLength(4);
    expect(stage.liveKeys()).toContain(keyId);
  });

  test('although the first key had a label of an operator for long', async () => {
    const stage = await startV2();
    const first = await holder(stage, 'AWSCURRENT');
    const { apiKey } = await stage.value();
    await stage.moveLabel('CANARY', { to: first });
    await rotate(stage, 4);
    expect(stage.momento.isValid(apiKey)).toBe(true);
    await stage.moveLabel('CANARY', { from: first });
    await rotate(stage, 2);
    expect(stage.momento.isValid(apiKey)).toBe(false);
    expect(stage.liveKeys()).toHaveLength(3);
  });

  test('although a version has a name with spaces', async () => {
    const stage = await startV2();
    const value = fresh(stage);
    await stage.put(value, { versionId: 'release 2030-01 of [payments], 100 % by hand' });
    await rotate(stage, 4);
    expect(stage.momento.isValid(keyIn(value))).toBe(false);
    expect(stage.liveKeys()).not.toContain(JSON.parse(value).keyId);
  });

  test('although Momento generates what cannot be used', async () => {
    const stage = await startV2();
    tamper(async (send, method) => {
      const response = await send();
      if (method !== 'POST') return response;
      const body = (await response.json()) as { key_info: { key_id: string } };
      return Response.json({ ...body, api_key: `of-another-kind-${body.key_info.key_id}` });
    });
    const { error } = await stage.rotate();
    expect(error).toMatchObject({ failure: 'operator', message: expect.stringContaining('newer release') });
    await stage.retry();
    expect(stage.liveKeys()).toHaveLength(1);
  });
});

describe('a rotation goes on', () => {
  test('with the same lifetime, although each request takes a second', async () => {
    const stage = await startV2({
      secretString: (momento) => momento.issueV2Key({ validForSeconds: 3 * 3600 }).secretString,
    });
    tamper((send, method) => {
      if (method === 'POST') stage.pass(1000);
      return send();
    });
    for (let rotation = 0; rotation < 10; rotation += 1) {
      await stage.rotate();
      const { validUntil } = await stage.value();
      expect(Number(validUntil) - stage.now() / 1000).toBe(3 * 3600 - 1);
      stage.pass(HOUR);
    }
  });

  test('although a list has something of others in it that cannot be read', async () => {
    const stage = await startV2();
    tamper(async (send, method) => {
      const response = await send();
      if (method !== 'GET') return response;
      const body = (await response.json()) as { key_info: unknown[] };
      return Response.json({ ...body, key_info: [{ key_id: 'theirs' }, ...body.key_info] });
    });
    await rotate(stage, 4);
    expect(stage.liveKeys()).toHaveLength(3);
  });

  test('with the description of an earlier key, where the list does not have the current one yet', async () => {
    const stage = await startV2({ momento: { newKeyListedAfterLists: 3 } });
    await rotate(stage, 3, MINUTE);
    expect(stage.descriptionOf((await stage.value()).keyId)).toMatch(/^payments \[/);
  });

  test('from a v1 key that never expires, if it is to be succeeded by a v2 key', async () => {
    const stage = await startV2({
      secretString: (momento) => {
        const { apiKey } = JSON.parse(momento.issueKey().secretString);
        return JSON.stringify({ apiKey, note: 'ours' });
      },
    });
    await rotate(stage);
    expect(await stage.value()).toEqual({
      apiKey: expect.any(String),
      note: 'ours',
      endpoint: expect.any(String),
      keyId: expect.any(String),
      roleId: 'operator',
    });
  });

  test('from a v1 key without its refresh token, if it is to be succeeded by a v2 key', async () => {
    const stage = await startV2({
      secretString(momento) {
        const { refreshToken: _, ...others } = JSON.parse(momento.issueKey().secretString);
        return JSON.stringify(others);
      },
    });
    await rotate(stage);
    expect(await stage.value()).toMatchObject({ roleId: 'operator', validUntil: expect.any(String) });
  });

  test('as before, for a v1 secret with a role of something else', async () => {
    const stage = await startV2({
      settings: { roleId: undefined },
      secretString: (momento) =>
        JSON.stringify({
          ...JSON.parse(momento.issueKey().secretString),
          roleId: 'arn:aws:iam::123456789012:role/app',
        }),
    });
    await rotate(stage);
    expect(await stage.value()).toHaveProperty('refreshToken');
  });

  test('to v2, for a v1 secret that says by whom, and with which role', async () => {
    const stage = await startV2({
      settings: { roleId: 'viewer' },
      secretString: (momento) =>
        JSON.stringify({
          ...JSON.parse(momento.issueKey().secretString),
          roleId: 'viewer',
          adminSecret: ADMIN_SECRET,
        }),
    });
    await rotate(stage);
    expect(await stage.value()).toMatchObject({ roleId: 'viewer', adminSecret: ADMIN_SECRET });
  });
});

describe('a list without an end', () => {
  test('that repeats itself is noticed', async () => {
    const stage = await startV2();
    tamper(async (send, method) => (method === 'GET' ? Response.json({ key_info: [], next_token: 'again' }) : send()));
    expect((await stage.rotate()).outcomes.at(-1)).toBe('promoted');
    expect(stage.warnings()).toEqual([expect.stringContaining('twice'), expect.stringContaining('twice')]);
  });

  test('leaves half of the time', async () => {
    const stage = await startV2();
    let pages = 0;
    tamper(async (send, method) => {
      if (method !== 'GET') return send();
      stage.pass(100);
      pages += 1;
      return Response.json({ key_info: [], next_token: `page-${pages}` });
    });
    const before = stage.now();
    let generatedAt = 0;
    stage.momento.subscribe(({ rpc }) => {
      if (rpc === 'GenerateApiKey') generatedAt = stage.now();
    });
    expect((await stage.rotate()).outcomes.at(-1)).toBe('promoted');
    expect(generatedAt - before).toBeGreaterThan(14_000);
    expect(generatedAt - before).toBeLessThan(16_000);
  });
});

test('a failure to look is not called a failure to revoke', async () => {
  const stage = await startV2();
  stage.momento.apiKeysFaults.add({
    call: 'ListApiKeys',
    skip: 1,
    mishap: { kind: 'error', error: { status: 403 } },
  });
  await rotate(stage);
  expect(stage.warnings()).toEqual([
    expect.stringMatching(
      /^Cannot determine whether keys are to be revoked; nothing was revoked\. The next rotation looks again\./,
    ),
  ]);
});
