import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bundleFolder } from '../../infra/bundle.ts';

let root: string;
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'bundle-')));
});
afterEach(() => rmSync(root, { recursive: true }));

const moduleAt = (...path: string[]) => pathToFileURL(join(root, ...path)).href;

test('a clone has the bundle in dist/lambda, beside infra', () => {
  mkdirSync(join(root, 'dist/lambda'), { recursive: true });
  writeFileSync(join(root, 'dist/lambda/index.mjs'), '');
  expect(bundleFolder(moduleAt('infra', 'bundle.ts'))).toBe(join(root, 'dist/lambda'));
});

test('the package has it in dist/lambda, beside dist/infra', () => {
  mkdirSync(join(root, 'dist/lambda'), { recursive: true });
  writeFileSync(join(root, 'dist/lambda/index.mjs'), '');
  expect(bundleFolder(moduleAt('dist', 'infra', 'bundle.js'))).toBe(join(root, 'dist/lambda'));
});

test('says what to run when it was not built', () => {
  expect(() => bundleFolder(moduleAt('infra', 'bundle.ts'))).toThrow(
    `The function is not built: there is no ${join(root, 'dist/lambda/index.mjs')}. Run \`npm run build\` first.`,
  );
});
