import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

test('an application loads nothing of the function but what it knows of keys', async () => {
  const { metafile } = await build({
    entryPoints: ['src/client/index.ts'],
    absWorkingDir: ROOT,
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
  });
  const loaded = Object.keys(metafile.inputs);
  expect(loaded.filter((path) => !path.startsWith('src/client/')).sort()).toEqual([
    'src/momento/api-key.ts',
    'src/momento/close-channels.ts',
    'src/momento/encoded-key.ts',
    'src/momento/fields.ts',
    'src/momento/hosts.ts',
    'src/momento/key-in-secret.ts',
    'src/momento/local-v2-credential-provider.ts',
    'src/momento/within.ts',
    'src/rotation/errors.ts',
  ]);
  const packages = Object.values(metafile.outputs).flatMap(({ imports }) => imports.map(({ path }) => path));
  expect(new Set(packages)).toEqual(
    new Set(['@gomomento/sdk', '@aws-sdk/client-secrets-manager', 'node:fs/promises', 'node:timers/promises']),
  );
});
