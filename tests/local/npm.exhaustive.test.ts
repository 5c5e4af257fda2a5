import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { ANY_PORTS, run, runScript, temporaryFolder } from './run.ts';

// Killed, npm passes nothing on, as with any signal that it does not know, such as SIGHUP.
test('npm that is ended by SIGTERM, by SIGINT or by SIGKILL leaves nothing running', async () => {
  const started = (['SIGTERM', 'SIGINT', 'SIGKILL'] as const).map(async (signal) => {
    const TMPDIR = await temporaryFolder();
    const npm = runScript('local', ANY_PORTS, { TMPDIR });
    await npm.until(/curl .*\n/);
    const ours = async () => (await readdir(TMPDIR)).filter((name) => /^(momento|local)-/.test(name));
    expect(await ours()).toHaveLength(2);
    npm.signal(signal);
    // When the last process that can write to its output has ended.
    await npm.ended;
    await expect.poll(ours, { timeout: 60_000 }).toEqual([]);
    await expect.poll(() => commandsThatName(TMPDIR), { timeout: 60_000 }).toEqual([]);
  });
  await Promise.all(started);
});

test('one that was gone before the process could look is noticed as well', async () => {
  const local = run('src/local/local.ts', ANY_PORTS, { NPM_PID: '1' });
  expect(await local.ended).toBe(0);
});

/** Of all processes, where that can be told. A sandbox's has the path of its bootstrap. */
async function commandsThatName(folder: string): Promise<string[]> {
  if (!existsSync('/proc')) return [];
  const processes = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const commands = processes.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => ''));
  return (await Promise.all(commands)).filter((command) => command.includes(folder));
}
