import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { parse } from 'acorn';
import { type Plugin, transform } from 'esbuild';

const MOMENTO_SDK = '@gomomento/sdk';

/**
 * Takes by `require` what an ES module imports from Node.js's own modules and from Momento's SDK, and only what is named.
 *
 * To import a module of Node.js evaluates all that it exports, and in Node.js 24 `WebSocket`, an export of `node:http`,
 * brings in a whole HTTP client that nobody uses. And esbuild copies all exports of a CommonJS module for each module
 * that imports one of them.
 *
 * The names are those that the importing module gives, not all that there are: the latter differ with the Node.js that
 * bundles, and esbuild makes even of names that nobody takes a difference in how it shortens all others.
 */
export const takeByName: Plugin = {
  name: 'take-by-name',
  setup({ onResolve, onLoad, resolve }) {
    const importsOf = memoize(readImports);
    onResolve({ filter: /^(@gomomento\/sdk|[a-z_:/0-9]+)$/ }, async (asked) => {
      const { path, kind, importer, resolveDir } = asked;
      if (kind !== 'import-statement' && kind !== 'dynamic-import') return undefined;
      if (asked.pluginData === takeByName) return undefined;
      // Of Node.js's own modules, too, the one that bundles may have others.
      const { external } = await resolve(path, { kind, resolveDir, pluginData: takeByName });
      if (!external && path !== MOMENTO_SDK) return undefined;
      const names = kind === 'import-statement' ? (await importsOf(importer)).get(path) : undefined;
      return names === undefined || names.has('*')
        ? { path, namespace: 'whole', pluginData: { resolveDir } }
        : { path, suffix: `?${[...names].sort()}`, namespace: 'named', pluginData: { names, resolveDir } };
    });
    onLoad({ filter: /.*/, namespace: 'named' }, ({ path, pluginData: { names, resolveDir } }) => ({
      contents: namedExports(path, names),
      resolveDir,
    }));
    onLoad({ filter: /.*/, namespace: 'whole' }, ({ path, pluginData: { resolveDir } }) => ({
      contents: `module.exports = ${requireOf(path)};`,
      resolveDir,
    }));
  },
};

/** By the modules that are imported, the names; `*` among them where a module is taken whole, or passed on. */
async function readImports(file: string): Promise<Map<string, Set<string>>> {
  // Without types, and without what is imported for types alone.
  const { code } = await transform(await readFile(file, 'utf8'), { loader: extname(file) === '.ts' ? 'ts' : 'js' });
  const imports = new Map<string, Set<string>>();
  for (const statement of parse(code, { ecmaVersion: 'latest', sourceType: 'module' }).body) {
    if (!('source' in statement) || typeof statement.source?.value !== 'string') continue;
    const names = imports.get(statement.source.value) ?? new Set();
    imports.set(statement.source.value, names);
    if (statement.type !== 'ImportDeclaration') {
      names.add('*');
      continue;
    }
    for (const specifier of statement.specifiers) {
      if (specifier.type === 'ImportNamespaceSpecifier') names.add('*');
      else if (specifier.type === 'ImportDefaultSpecifier') names.add('default');
      else names.add('name' in specifier.imported ? specifier.imported.name : String(specifier.imported.value));
    }
  }
  return imports;
}

/** An ES module of which esbuild drops the exports that nobody imports. */
function namedExports(path: string, names: Set<string>): string {
  const exported = [...names]
    .sort()
    .map((name) =>
      name === 'default' ? 'export default taken;' : `export const ${name} = /* @__PURE__ */ (() => taken.${name})();`,
    );
  return [`const taken = ${requireOf(path)};`, ...exported].join('\n');
}

function requireOf(path: string): string {
  return `require(${JSON.stringify(path)})`;
}

function memoize<T>(read: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const known = new Map<string, Promise<T>>();
  return (key) => {
    const promise = known.get(key) ?? read(key);
    known.set(key, promise);
    return promise;
  };
}
