import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import type { LocalSecretsManager } from '../../../src/local/secrets-manager/local-secrets-manager.ts';

export const hasCli = spawnSync('aws', ['--version']).status === 0;

const run = promisify(execFile);

/** `aws secretsmanager`, as it is installed, with what it prints. A process for each command. */
export function awsCli({ endpoint, region }: LocalSecretsManager) {
  const env = {
    ...process.env,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_DEFAULT_REGION: region,
    AWS_PAGER: '',
  };
  return async (command: string, ...args: string[]) => {
    const all = ['secretsmanager', command, ...args, '--endpoint-url', endpoint, '--output', 'json'];
    const { stdout } = await run('aws', all, { env, timeout: 50_000 });
    return stdout === '' ? undefined : JSON.parse(stdout);
  };
}
