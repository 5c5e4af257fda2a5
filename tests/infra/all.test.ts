import { readdirSync } from 'node:fs';

/**
 * All of this folder in one worker, in which the CDK is loaded once (12 s of processor time) and so are CloudFormation's rules that
 * templates are held against (7 s). One of the files by itself: `npx vitest run tests/infra/NAME.test.ts`.
 */
const names = readdirSync(new URL('.', import.meta.url)).filter(
  (name) => name.endsWith('.test.ts') && !name.includes('exhaustive') && name !== 'all.test.ts',
);
for (const name of names) await import(new URL(name, import.meta.url).href);
