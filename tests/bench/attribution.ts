import type { Profiler } from 'node:inspector';
import { ownersIn } from './owners.ts';

/** Milliseconds, or bytes, by what they went into. */
export type Shares = Map<string, number>;

export function add(shares: Shares, name: string, amount: number): void {
  shares.set(name, (shares.get(name) ?? 0) + amount);
}

type Node = Profiler.ProfileNode;

/**
 * Whose code a profile's samples were taken in, in milliseconds: a package, a module of Node.js (`node:…`), or what V8 was busy with.
 * Built-in functions such as `JSON.parse` count as their caller's, and the bundler's helpers, in which modules are compiled, as the
 * module's.
 *
 * @param taskRoot the folder of the bundle, with the source map of each file beside it
 */
export function attribute({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile, taskRoot: string): Shares {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map(nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node] as const)));
  const ownerAt = ownersIn(taskRoot);

  /** Of a function, if it can be told. */
  function ownerOf(node: Node | undefined): string | undefined {
    if (node === undefined) return undefined;
    const { functionName, url, lineNumber } = node.callFrame;
    if (functionName === 'compileSourceTextModule') return '(compiling the bundle)';
    if (url === '') return /^\(\w.*\)$/.test(functionName) ? functionName : ownerOf(parents.get(node.id));
    return ownerAt(url, lineNumber + 1) ?? ownerOfHelper(node);
  }

  function ownerOfHelper({ id, children = [] }: Node): string | undefined {
    for (const child of children) {
      const { url = '', lineNumber = 0 } = byId.get(child)?.callFrame ?? {};
      const owner = url.startsWith('file:') ? ownerAt(url, lineNumber + 1) : undefined;
      if (owner !== undefined) return owner;
    }
    return ownerOf(parents.get(id));
  }

  const shares: Shares = new Map();
  for (const [id, ms] of selfTimes(samples, timeDeltas)) {
    const node = byId.get(id);
    const owner = ownerOf(node) ?? '(unknown)';
    const { url = '' } = node?.callFrame ?? {};
    // All ECMAScript modules of the bundle run in one function: there the lines tell.
    const ticks = url.startsWith('file:') ? (node?.positionTicks ?? []) : [];
    const all = ticks.reduce((sum, place) => sum + place.ticks, 0);
    if (all === 0) add(shares, owner, ms);
    for (const place of ticks) add(shares, ownerAt(url, place.line) ?? owner, (ms * place.ticks) / all);
  }
  return shares;
}

/** Milliseconds by node, without what it called. */
function selfTimes(samples: readonly number[], timeDeltas: readonly number[]): Map<number, number> {
  const selfMs = new Map<number, number>();
  for (const [index, id] of samples.entries()) {
    selfMs.set(id, (selfMs.get(id) ?? 0) + (timeDeltas[index] ?? 0) / 1000);
  }
  return selfMs;
}
