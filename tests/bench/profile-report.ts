import type { Profile } from './profile.ts';
import { printTable, type Say } from './table.ts';

/** Rows that come to less are put together. */
const WORTH_A_ROW = { ms: 0.5, bytes: 5000 };

export function reportProfile(say: Say, { init, rotation, bytes }: Profile): void {
  const row = (name: string) => ({
    name,
    initMs: init.get(name) ?? 0,
    rotationMs: rotation.get(name) ?? 0,
    bytes: bytes.get(name) ?? 0,
  });
  type Row = ReturnType<typeof row>;
  const sum = (name: string, rows: Row[]): Row => ({
    name,
    initMs: rows.reduce((total, { initMs }) => total + initMs, 0),
    rotationMs: rows.reduce((total, { rotationMs }) => total + rotationMs, 0),
    bytes: rows.reduce((total, each) => total + each.bytes, 0),
  });
  const all = [...new Set([...init.keys(), ...rotation.keys(), ...bytes.keys()])].map(row);
  const isWorthIt = (each: Row) => each.initMs + each.rotationMs >= WORTH_A_ROW.ms || each.bytes >= WORTH_A_ROW.bytes;
  const rows = all
    .filter(isWorthIt)
    .sort((a, b) => b.initMs + b.rotationMs - (a.initMs + a.rotationMs) || b.bytes - a.bytes);
  const others = all.filter((each) => !isWorthIt(each));
  printTable(say, 'Where a cold start goes: the main thread without its waiting, by package; medians', [
    ['', 'init, ms', 'first rotation, ms', 'bundle, KB'],
    ...[...rows, sum(`(${others.length} others)`, others), sum('all', all)].map((each) => [
      each.name,
      each.initMs.toFixed(1),
      each.rotationMs.toFixed(1),
      (each.bytes / 1000).toFixed(1),
    ]),
  ]);
}
