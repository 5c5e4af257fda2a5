import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { bundleOptions } from '../../src/build/bundle.ts';
import { compileModulesAtOnce } from '../../src/build/compile-modules-at-once.ts';
import { environmentCredentials } from '../../src/build/environment-credentials.ts';
import { leaveOut } from '../../src/build/leave-out.ts';
import { takeByName } from '../../src/build/take-by-name.ts';
import { usedMessages } from '../../src/build/used-messages.ts';
import { versionsOnly } from '../../src/build/versions-only.ts';

/** The bundle rewrites code of packages: what an upgrade of them could make wrong about it. */

const require = createRequire(import.meta.url);
let folder: string;

/** The function, bundled once for all who look at it. */
let bundled: { text: string; metafile: Metafile };
/** What is taken by its name in it: a module and the names. */
const taken: [string, string[]][] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rewriting-'));
  const plugins = bundleOptions.plugins.map((plugin) => (plugin === takeByName ? watched : plugin));
  const { outputFiles, metafile } = await build({ ...bundleOptions, plugins, write: false });
  bundled = { text: outputFiles.map((file) => file.text).join(''), metafile };
});
afterAll(() => rm(folder, { recursive: true }));

const watched: Plugin = {
  name: 'watched',
  setup: (bundler) =>
    takeByName.setup({
      ...bundler,
      onLoad: (options, load) =>
        bundler.onLoad(options, (asked) => {
          if (asked.namespace === 'named') taken.push([asked.path, [...asked.pluginData.names]]);
          return load(asked);
        }),
    }),
};

/** Bundles some lines of code, as CommonJS, and runs them. */
async function evaluate(
  contents: string,
  plugins: Plugin[],
  options: BuildOptions = {},
): Promise<Record<string, never>> {
  const outfile = join(folder, `${randomUUID()}.cjs`);
  const entry = { contents, resolveDir: bundleOptions.absWorkingDir };
  await build({ stdin: entry, outfile, bundle: true, platform: 'node', logLevel: 'silent', plugins, ...options });
  return require(outfile);
}

/** A package of which another release has other files, or says other things in them. */
async function packageWith(file: string, text: string): Promise<string> {
  const root = join(folder, randomUUID());
  const path = join(root, 'node_modules', file);
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, text);
  return path;
}

describe('leave out', () => {
  test('what there is no more to leave out fails the build', async () => {
    await expect(evaluate('export const nothing = 0;', [leaveOut])).rejects.toThrow(
      'There is no @gomomento/generated-types/dist/cacheping.js to leave out.',
    );
  });

  test('what is used all the same says so', async () => {
    const whole = "import * as sdk from '@gomomento/sdk'; export const use = () => sdk.TopicClient;";
    const forgiving: Plugin = { ...leaveOut, setup: (bundler) => leaveOut.setup({ ...bundler, onEnd: () => {} }) };
    const { use } = (await evaluate(whole, [forgiving])) as unknown as { use(): unknown };
    expect(use).toThrow('@gomomento/sdk/dist/src/topic-client.js is left out of this bundle');
  });
});

describe('used messages', () => {
  const messages = `
    import { auth } from '@gomomento/generated-types/dist/auth.js';
    import { cache_client } from '@gomomento/generated-types/dist/cacheclient.js';
    const { RefreshApiToken } = auth.UnimplementedAuthService.definition;
    const { Get } = cache_client.UnimplementedScsService.definition;
    const request = new auth._RefreshApiTokenRequest({ api_key: 'key', refresh_token: 'token' });
    const key = { api_key: 'key', refresh_token: 'token', endpoint: 'host', valid_until: 2 ** 33 };
    const hit = { result: cache_client.ECacheResult.Hit, cache_body: new Uint8Array([1, 2]), message: 'text' };
    export const written = [
      RefreshApiToken.requestSerialize(request),
      RefreshApiToken.responseSerialize(new auth._RefreshApiTokenResponse(key)),
      Get.requestSerialize(new cache_client._GetRequest({ cache_key: new Uint8Array([3]) })),
      Get.responseSerialize(new cache_client._GetResponse(hit)),
    ].map((bytes) => Buffer.from(bytes).toString('hex'));
    export const read = [
      RefreshApiToken.responseDeserialize(Buffer.from(written[1], 'hex')).toObject(),
      Get.responseDeserialize(Buffer.from(written[3], 'hex')).toObject(),
    ];
    export const paths = [RefreshApiToken.path, Get.path];`;

  test('are written and read as by the whole of the generated code', async () => {
    const whole = await evaluate(messages, []);
    expect(await evaluate(messages, [usedMessages])).toEqual(whole);
    expect(whole['read']).toMatchObject([
      { api_key: 'key', endpoint: 'host', valid_until: 2 ** 33 },
      { message: 'text' },
    ]);
  });

  test('a procedure of another name fails the build', async () => {
    const auth = await packageWith(
      '@gomomento/generated-types/dist/auth.js',
      '(function (auth) { class _GenerateApiTokenRequest {} })(exports.auth = {});',
    );
    await expect(evaluate(`import ${JSON.stringify(auth)};`, [usedMessages])).rejects.toThrow(
      'There is no RefreshApiToken',
    );
  });

  test('generated code of another shape fails the build', async () => {
    const auth = await packageWith('@gomomento/generated-types/dist/auth.js', 'exports.auth = {};');
    await expect(evaluate(`import ${JSON.stringify(auth)};`, [usedMessages])).rejects.toThrow('There is no namespace');
  });
});

test('take by name: whatever the bundle takes by its name is there', () => {
  const named = taken.flatMap(([path, names]) =>
    names.filter((name) => name !== 'default').map((name) => ({ path, name })),
  );
  expect(named.length).toBeGreaterThan(30);
  expect(named.filter(({ path, name }) => require(path)[name] === undefined)).toEqual([]);
});

test('environment credentials: there is no other place to look', async () => {
  const providers = Object.keys(bundled.metafile.inputs).flatMap(
    (path) => path.match(/@aws-sdk\/(?:credential-provider|token-provider)[\w-]*/) ?? [],
  );
  expect([...new Set(providers)].sort()).toEqual([
    '@aws-sdk/credential-provider-env',
    '@aws-sdk/credential-provider-node',
  ]);
  const { credentials } = await evaluate(
    "export { defaultProvider as credentials } from '@aws-sdk/credential-provider-node';",
    [environmentCredentials],
  );
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'id');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
  onTestFinished(() => void vi.unstubAllEnvs());
  await expect((credentials as unknown as () => () => Promise<object>)()()).resolves.toMatchObject({
    accessKeyId: 'id',
  });
});

describe('compile modules at once', () => {
  test('finds every CommonJS module of the bundle, and changes nothing else', () => {
    const { text, metafile } = bundled;
    const [output] = Object.values(metafile.outputs);
    const contained = Object.entries(output?.inputs ?? {}).filter(([, { bytesInOutput }]) => bytesInOutput > 0);
    const modules = contained.filter(([path]) => metafile.inputs[path]?.format === 'cjs').length;
    const changed = compileModulesAtOnce(text);
    expect(modules).toBeGreaterThan(150);
    expect(changed.length - text.length).toBeGreaterThanOrEqual(2 * modules);
    expect(withoutParentheses(changed) === withoutParentheses(text)).toBe(true);
  });

  const withoutParentheses = (text: string) => text.replaceAll(/[()]/g, '');
});

test('versions only: a package still tells its version', async () => {
  const { version } = await evaluate("export { version } from '@gomomento/sdk/package.json';", [versionsOnly]);
  expect(version).toBe(require('@gomomento/sdk/package.json').version);
});
