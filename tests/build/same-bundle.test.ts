import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { build, type Plugin, type PluginBuild } from 'esbuild';
import { expect, test } from 'vitest';
import { bundleOptions } from '../../src/build/bundle.ts';
import { compileModulesAtOnce } from '../../src/build/compile-modules-at-once.ts';

/** By another process, before all tests. */
const BUILT = fileURLToPath(new URL('../../dist/lambda/index.mjs', import.meta.url));

const require = createRequire(import.meta.url);

test('the same sources give the same bundle, whatever the Node.js that bundles exports, and in whatever order it is done', async () => {
  const undo = exportMore();
  try {
    const plugins = bundleOptions.plugins.map(answeringLate);
    const { outputFiles } = await build({ ...bundleOptions, plugins, write: false });
    const [bundle = ''] = outputFiles.map(({ text }) => compileModulesAtOnce(text));
    // Not by toBe, which would show a megabyte twice.
    expect(bundle === (await readFile(BUILT, 'utf8'))).toBe(true);
  } finally {
    undo();
  }
});

/** As another release of Node.js may. The letters in names are what esbuild counts. */
function exportMore(): () => void {
  const modules = ['crypto', 'fs', 'http', 'https', 'os', 'stream'].map((name) => require(`node:${name}`));
  const names = Array.from({ length: 50 }, (_, index) => `zzqqjjxx${'zqjx'.repeat(index % 5)}${index}`);
  for (const module of modules) {
    for (const name of names) Object.defineProperty(module, name, { value: 0, enumerable: true, configurable: true });
  }
  return () => {
    for (const module of modules) for (const name of names) delete module[name];
  };
}

/** Each answer takes another while than it took in the build before. */
function answeringLate(plugin: Plugin): Plugin {
  const late =
    <Asked, Answer>(answer: (asked: Asked) => Answer) =>
    async (asked: Asked): Promise<Awaited<Answer>> => {
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 20));
      return await answer(asked);
    };
  return {
    name: plugin.name,
    setup: (bundler: PluginBuild) =>
      plugin.setup({
        ...bundler,
        onResolve: (options, answer) => bundler.onResolve(options, late(answer)),
        onLoad: (options, answer) => bundler.onLoad(options, late(answer)),
      }),
  };
}
