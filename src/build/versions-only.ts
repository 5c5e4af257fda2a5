import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';

/** Leaves of packages' own `package.json` what they tell servers about themselves: name and version. */
export const versionsOnly: Plugin = {
  name: 'versions-only',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]node_modules[\\/].*[\\/]package\.json$/ }, async ({ path }) => {
      const { name, version } = JSON.parse(await readFile(path, 'utf8'));
      return { contents: JSON.stringify({ name, version }), loader: 'json' };
    });
  },
};
