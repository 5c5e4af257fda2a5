import { describe, expect, type TestContext, test } from 'vitest';
import { type RehearsalOptions, rehearse } from '../../../src/local/rehearsal/rehearse.ts';
import type { Scenario, World } from '../../../src/local/rehearsal/scenario.ts';
import type { Screen } from '../../../src/local/rehearsal/screen.ts';
import { findLeaks } from '../../leaks.ts';
import { run } from '../run.ts';

const start = ({ onTestFinished }: TestContext, ...args: string[]) =>
  run('src/local/start.ts', args, {}, onTestFinished);

// Most of the time they wait for the end of the overlap.
describe.concurrent('npm start -- --key v2', () => {
  test('names the first key, which was stored by hand, leaves it alone, and exits with 0', async (context) => {
    const rehearsal = start(context, '--key', 'v2');
    expect(await rehearsal.ended).toBe(0);
    const output = rehearsal.output();
    expect(output).toMatch(/✔ RevokeRetiredKeys +\d+ ms/);
    expect(output).toContain('✔ the key before, which was stored by hand, still reads from a cache');
    expect(output).toContain('✔ the function named it, with the command that revokes it');
    expect(output).toMatch(/of live keys there were 2 before the rotation, 3 during the overlap, 3 now/);
  });

  test('shows a rotation, what keys answer before and after the overlap, and exits with 0', async (context) => {
    const rehearsal = start(context, '--key', 'v2', '--revoke-first-key');
    expect(await rehearsal.ended).toBe(0);

    const output = rehearsal.output();
    const inOrder = [
      /before {2}\S{8}… {2}AWSCURRENT +key-2, valid until/,
      /✔ createSecret +\d+ ms +a key with the same role is staged/,
      /✔ finishSecret +\d+ ms/,
      /\d+ calls to Secrets Manager, \d+ to Momento/,
      /after {3}\S{8}… {2}AWSCURRENT\S*( AWSPENDING)? +key-3/,
      /✔ the new key reads from a cache/,
      /✔ the key before still does, for whoever holds it, until it is revoked/,
      /✔ a spoilt copy of the new key does not/,
      /EventBridge Scheduler invokes the function every 2 s, every hour on AWS/,
      /✔ RevokeRetiredKeys +\d+ ms +the overlap is not over yet/,
      /✔ RevokeRetiredKeys +\d+ ms +the overlap is over: the function revokes what is due/,
      /✔ the function was invoked on schedule, and succeeded/,
      /✔ the key before is refused \(AUTHENTICATION_ERROR\)/,
      /✔ the new key still reads from a cache/,
      /✔ no key is left over that the function generated: of live keys there were 2 before the rotation, 3 during the overlap, 2 now/,
    ].map((pattern) => output.search(pattern));
    expect(inOrder).toEqual([...inOrder].sort((a, b) => a - b));
    expect(inOrder).not.toContain(-1);
  });

  test('has a key that manages itself as well', async (context) => {
    const rehearsal = start(context, '--key', 'v2-self-managed', '--revoke-first-key');
    expect(await rehearsal.ended).toBe(0);
    expect(rehearsal.output()).toContain('1 before the rotation, 2 during the overlap, 1 now');
  });
});

describe.concurrent('a rehearsal in this process', () => {
  /** Everything that is shown, as lines. */
  function recorder(): { screen: Screen; output: () => string } {
    const lines: string[] = [];
    const mark =
      (sign: string) =>
      (text = '') =>
        void lines.push(`${sign} ${text}`);
    const screen: Screen = {
      heading: mark('#'),
      line: mark(' '),
      good: mark('✔'),
      bad: mark('✖'),
      note: mark('→'),
      underWay: mark('…'),
      command: mark(' '),
      detail: mark(' '),
      log: mark('│'),
    };
    return { screen, output: () => lines.join('\n') };
  }

  async function rehearseWith(scenario: Partial<Scenario>, options: Partial<RehearsalOptions> = {}) {
    const { screen, output } = recorder();
    const whole: Scenario = { title: 'a test', arrange: () => {}, ...scenario };
    return {
      passed: await rehearse({ key: 'v2', revokesFirstKey: true, ...options, scenario: whole }, screen),
      output: output(),
    };
  }

  test.each(['v2', 'v2-self-managed'] as const)('shows no secret of a %s key, nor do the logs', async (key) => {
    let world: World | undefined;
    const arrange = (arranged: World) => {
      world = arranged;
    };
    const { passed, output } = await rehearseWith({ arrange }, { key, verbose: true });
    expect(passed).toBe(true);
    expect(output).toMatch(/│ .*"step":"revoke"/);
    expect(findLeaks(output, world?.standIns.momento.secretsInPlay() ?? ['none'])).toEqual([]);
  });

  test('fails where the function may not revoke, and shows what it says', async () => {
    const { passed, output } = await rehearseWith({
      arrange({ standIns: { momento } }) {
        const mishap = { kind: 'error', error: { status: 403 } } as const;
        momento.apiKeysFaults.add({ call: 'RevokeApiKey', mishap, times: Number.POSITIVE_INFINITY });
      },
    });
    expect(passed).toBe(false);
    expect(output).toContain('✔ the key before still does');
    expect(output).toMatch(/✖ RevokeRetiredKeys .*HTTP 403/);
    expect(output).toContain('✖ not so: the function was invoked on schedule, and succeeded');
    expect(output).toContain('✖ not so: the key before is refused (it was let in)');
    expect(output).toMatch(/of live keys there were .* 3 now/);
  });

  test('fails where the current key is harmed by a failure', async () => {
    const { passed, output } = await rehearseWith({
      arrange({ standIns: { momento } }) {
        const [key] = momento.liveV2Keys().filter(({ roleId }) => roleId === 'operator');
        const unsubscribe = momento.subscribe(({ rpc }) => {
          if (rpc !== 'GenerateApiKey') return;
          unsubscribe();
          for (const apiKey of momento.secretsInPlay())
            if (momento.idOf(apiKey) === key?.keyId) momento.revokeKey(apiKey);
        });
        const mishap = { kind: 'error', error: { status: 403 } } as const;
        momento.apiKeysFaults.add({ call: 'GenerateApiKey', mishap, times: Number.POSITIVE_INFINITY });
      },
    });
    expect(passed).toBe(false);
    expect(output).toContain('✖ not so: the current key still reads from a cache');
  });
});
