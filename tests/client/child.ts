import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { compiled, type Program } from '../programs.ts';
import type { Stage } from './stage.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** An application in a process of its own. */
export interface Child {
  /** All that it has said so far. */
  output(): string;
  /** Resolves when it has said that so many times. Rejects if it ends before, with all that it said. */
  said(text: string, times?: number): Promise<void>;
  kill(signal: NodeJS.Signals): void;
  /** Resolves to its exit code, or the signal that ended it. */
  ended: Promise<[code: number | null, signal: NodeJS.Signals | null]>;
}

/** What points an application at the local services. */
export const environment = ({ secretsManager }: Stage) => ({
  AWS_ENDPOINT_URL_SECRETS_MANAGER: secretsManager.endpoint,
  AWS_REGION: secretsManager.region,
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
});

/** Runs a program, with an environment that has nothing but what points it at the local services. */
export function startChild(stage: Stage, program: Program, env: Record<string, string> = {}): Child {
  const child = spawn(process.execPath, [compiled(program)], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], ...environment(stage), ...env },
  });
  let output = '';
  const ended = once(child, 'close') as Child['ended'];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));
  onTestFinished(() => void child.kill('SIGKILL'));
  return {
    output: () => output,
    said: (text, times = 1) =>
      new Promise((resolve, reject) => {
        const look = () => void (output.split(text).length > times && resolve());
        child.stdout.on('data', look);
        ended.then(([code]) => {
          look();
          reject(new Error(`It ended with code ${code}, and said:\n${output}`));
        }, reject);
        look();
      }),
    kill: (signal) => void child.kill(signal),
    ended,
  };
}
