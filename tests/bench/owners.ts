import { existsSync, readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { fileURLToPath } from 'node:url';

/** The package that a source file belongs to, by its path; `src` for this project's own, `node:…` for what brings in Node.js's. */
export function packageOf(source: string): string {
  const found = [...source.matchAll(/node_modules\/((?:@[^/]+\/)?[^/]+)/g)].at(-1)?.[1];
  return found ?? (source.includes('src/') ? 'src' : source.replace(/^builtin:/, ''));
}

/**
 * Tells which package a line of code belongs to, counted from 1; undefined for code that the bundler added.
 *
 * @param taskRoot the folder of the bundle, with the source map of each file beside it
 */
export function ownersIn(taskRoot: string): (url: string, line: number) => string | undefined {
  const maps = new Map<string, SourceMap | undefined>();
  return (url, line) => {
    if (!url.startsWith('file:')) return url;
    if (!maps.has(url)) maps.set(url, readSourceMap(fileURLToPath(url), taskRoot));
    const map = maps.get(url);
    if (map === undefined) return '(runtime client)';
    // The last mapping of the line, wherever on it that is.
    const entry = map.findEntry(line - 1, Number.MAX_SAFE_INTEGER);
    return 'originalSource' in entry && entry.generatedLine === line - 1 ? packageOf(entry.originalSource) : undefined;
  };
}

function readSourceMap(file: string, taskRoot: string): SourceMap | undefined {
  if (!file.startsWith(taskRoot) || !existsSync(`${file}.map`)) return undefined;
  return new SourceMap(JSON.parse(readFileSync(`${file}.map`, 'utf8')));
}
