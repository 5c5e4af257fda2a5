import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { compiled, type Program } from '../programs.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface Run {
  /** Resolves when the output has a match. */
  until(pattern: RegExp): Promise<RegExpExecArray>;
  output(): string;
  signal(name: NodeJS.Signals): void;
  /** As a terminal does, to everything that was started there. */
  signalAll(name: NodeJS.Signals): void;
  /** Closes the pipes that the output goes to, as `head` does when it has enough. */
  stopReading(): void;
  /** Resolves to the exit code. */
  ended: Promise<number | null>;
}

/**
 * Runs one of the project's programs, with its output piped.
 *
 * @param onEnd ends it with the test; where tests run at once, that of the test's own context
 */
export function run(
  program: Program,
  args: string[] = [],
  env: Record<string, string> = {},
  onEnd: typeof onTestFinished = onTestFinished,
): Run {
  return runNode([compiled(program), ...args], env, onEnd);
}

/** Runs it as `package.json` does, from its source. */
export function runSource(
  program: string,
  { cwd = ROOT, env = {} }: { cwd?: string; env?: Record<string, string> } = {},
): Run {
  const source = (path: string) => fileURLToPath(new URL(path, new URL('../../', import.meta.url)));
  return runAny(process.execPath, [source('src/command/run.mjs'), source(program)], { cwd, env }, onTestFinished);
}

/** Runs a script of `package.json`, and none that goes before it. */
export function runScript(script: string, args: string[], env: Record<string, string>): Run {
  return runAny('npm', ['run', '--ignore-scripts', script, '--', ...args], { cwd: ROOT, env }, onTestFinished);
}

function runNode(args: string[], env: Record<string, string>, onEnd: typeof onTestFinished): Run {
  return runAny(process.execPath, args, { cwd: ROOT, env }, onEnd);
}

function runAny(
  command: string,
  args: string[],
  { cwd, env }: { cwd: string; env: Record<string, string> },
  onEnd: typeof onTestFinished,
): Run {
  const child = spawn(command, args, {
    cwd,
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A process group of its own.
    detached: true,
  });
  onEnd(() => {
    child.kill('SIGKILL');
  });
  let output = '';
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      for (const listener of listeners) listener();
    });
  }
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return {
    output: () => output,
    signal: (name) => child.kill(name),
    signalAll: (name) => process.kill(-(child.pid as number), name),
    stopReading() {
      child.stdout.destroy();
      child.stderr.destroy();
    },
    ended,
    until: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const match = pattern.exec(output);
          if (match) resolve(match);
        };
        listeners.add(look);
        look();
        void ended.then(() => reject(new Error(`It ended without ${pattern}:\n${output}`)));
      }),
  };
}

/** Of `npm run local`: whichever are free. */
export const ANY_PORTS = ['--port', '0', '--momento-port', '0', '--api-keys-port', '0'];

/** For whatever a process puts into the temporary folder. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'npm-run-local-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
