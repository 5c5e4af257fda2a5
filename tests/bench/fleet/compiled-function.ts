import { readFile } from 'node:fs/promises';
import { Script } from 'node:vm';
import { parse } from 'acorn';

/** What a function finds where it runs: Node.js's own globals by their names, and `load`, which gives its modules. */
type World = Record<(typeof NAMES)[number], unknown>;

/** Evaluates it. @returns what it exports */
export type CompiledFunction = (world: World) => Promise<Readonly<Record<string, unknown>>>;

const NAMES = [
  'load',
  'process',
  'console',
  'Date',
  'Math',
  'performance',
  'AbortSignal',
  'setTimeout',
  'clearTimeout',
  'setInterval',
  'clearInterval',
] as const;

/**
 * Compiles a bundled ES module once, to be evaluated as often as there are sandboxes, each time in a world of its own. Its code stays
 * as it was built, but for its imports of Node.js's own modules, its exports, and where it lies.
 */
export async function compileFunction(file: string): Promise<CompiledFunction> {
  const code = asFunctionBody(await readFile(file, 'utf8'));
  // What is declared in the module may have the name of a global.
  const text = `'use strict'; (({ ${NAMES.join(', ')} }) => (async () => {${code}\n})())`;
  return new Script(text, { filename: file }).runInThisContext() as CompiledFunction;
}

function asFunctionBody(text: string): string {
  const edits: { start: number; end: number; by: string }[] = [];
  const exported: string[] = [];
  for (const statement of parse(text, { ecmaVersion: 'latest', sourceType: 'module' }).body) {
    const { start, end } = statement;
    if (statement.type === 'ImportDeclaration') {
      const taken = `load(${JSON.stringify(statement.source.value)})`;
      const constants = statement.specifiers.map((specifier) =>
        specifier.type === 'ImportSpecifier'
          ? `${specifier.local.name} = ${taken}[${JSON.stringify(nameOf(specifier.imported))}]`
          : `${specifier.local.name} = ${taken}`,
      );
      edits.push({ start, end, by: constants.length === 0 ? '' : `const ${constants.join(', ')};` });
    } else if (statement.type === 'ExportNamedDeclaration' && statement.declaration == null) {
      for (const { exported: name, local } of statement.specifiers) exported.push(`${nameOf(name)}: ${nameOf(local)}`);
      edits.push({ start, end, by: '' });
    }
  }
  let [code, at] = ['', 0];
  for (const { start, end, by } of edits) {
    code += text.slice(at, start) + by;
    at = end;
  }
  const rest = `${code}${text.slice(at)}\nreturn { ${exported.join(', ')} };`;
  // A script has none.
  return rest.replaceAll('import.meta.url', '"file:///var/task/index.mjs"');
}

const nameOf = (name: { type: 'Identifier'; name: string } | { type: 'Literal'; value?: unknown }) =>
  name.type === 'Identifier' ? name.name : String(name.value);
