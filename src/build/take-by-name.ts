import { createRequire, isBuiltin } from 'node:module';
import type { Plugin } from 'esbuild';

const require = createRequire(import.meta.url);

/**
 * Takes by `require` what an ES module imports from Node.js's own modules and from Momento's SDK, and only what is named.
 *
 * To import a module of Node.js evaluates all that it exports, and in Node.js 24 `WebSocket`, an export of `node:http`,
 * brings in a whole HTTP client that nobody uses. And esbuild copies all exports of a CommonJS module for each module
 * that imports one of them.
 */
export const takeByName: Plugin = {
  name: 'take-by-name',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(@gomomento\/sdk|[a-z_:/0-9]+)$/ }, ({ path, kind, resolveDir }) => {
      if (path !== '@gomomento/sdk' && !isBuiltin(path)) return undefined;
      if (kind === 'import-statement') return { path, namespace: 'named', pluginData: resolveDir };
      if (kind === 'dynamic-import') return { path, namespace: 'whole' };
      return undefined;
    });
    onLoad({ filter: /.*/, namespace: 'named' }, ({ path, pluginData }) => ({
      contents: namedExports(path),
      resolveDir: pluginData,
    }));
    onLoad({ filter: /.*/, namespace: 'whole' }, ({ path }) => ({ contents: `module.exports = ${requireOf(path)};` }));
  },
};

/** An ES module of which esbuild drops the exports that nobody imports. */
function namedExports(path: string): string {
  const names = Object.keys(require(path)).filter((name) => /^[A-Za-z_$][\w$]*$/.test(name) && name !== 'default');
  return [
    `const taken = ${requireOf(path)};`,
    'export default taken;',
    ...names.map((name) => `export const ${name} = /* @__PURE__ */ (() => taken.${name})();`),
  ].join('\n');
}

function requireOf(path: string): string {
  return `require(${JSON.stringify(path)})`;
}
