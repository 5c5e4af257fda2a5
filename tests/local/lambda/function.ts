import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { type LocalLambda, type LocalLambdaOptions, startLambda } from '../../../src/local/lambda/lambda.ts';

interface FunctionForTest {
  lambda: LocalLambda;
  taskRoot: string;
  /** What was logged so far. */
  lines: string[];
  /** Resolves when a line that starts so has been logged. */
  logged(start: string): Promise<string>;
}

/** A folder with these files, gone when the test has finished. */
export async function folderForTest(files: Record<string, string>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'function-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  return folder;
}

/** A function with this source as its `index.mjs`, closed when the test has finished. */
export async function functionForTest(
  source: string,
  options: Partial<LocalLambdaOptions> = {},
): Promise<FunctionForTest> {
  const lines: string[] = [];
  const waiting = new Set<(line: string) => void>();
  const taskRoot = await folderForTest({ 'index.mjs': source });
  const lambda = await startLambda({
    taskRoot,
    functionName: 'function',
    timeoutMs: 60_000,
    environment: {},
    onLog: (line) => {
      lines.push(line);
      for (const listener of waiting) listener(line);
    },
    ...options,
  });
  onTestFinished(() => lambda.close());
  const logged = (start: string) =>
    new Promise<string>((resolve) => {
      const listener = (line: string) => {
        if (!line.startsWith(start)) return;
        waiting.delete(listener);
        resolve(line);
      };
      waiting.add(listener);
      lines.forEach(listener);
    });
  return { lambda, taskRoot, lines, logged };
}

/** An expression for a promise that keeps a handler waiting. */
export const FOREVER = 'new Promise((resolve) => setTimeout(resolve, 2 ** 30))';

/** Matches an error of a function by what Lambda says about it. */
export function functionError(errorType: string, errorMessage: unknown): unknown {
  return expect.objectContaining({ name: 'FunctionError', errorType, errorMessage });
}

/** Matches a message that Lambda itself, not the function, made up. */
export function saying(text: string): unknown {
  const requestId = '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}';
  return expect.stringMatching(new RegExp(`^RequestId: ${requestId} Error: ${text}$`));
}
