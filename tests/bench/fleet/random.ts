import { createHash } from 'node:crypto';

/** Draws numbers in [0, 1). */
export type Random = () => number;

const BYTES = 6;

/** @returns numbers that are always the same for a seed and a name, whatever is drawn under other names */
export function randomOf(seed: number, name: string): Random {
  let drawn = 0;
  return () => {
    drawn += 1;
    const digest = createHash('sha256').update(`${seed} ${name} ${drawn}`).digest();
    return digest.readUIntBE(0, BYTES) / 2 ** (8 * BYTES);
  };
}
