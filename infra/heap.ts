/**
 * `NODE_OPTIONS` for a function with so much memory. Lambda's runtime gives the heap limits of its own where that names none (its
 * `bootstrap`, read by others: docs/performance.md): nine tenths of the memory for old objects, as here, and a twentieth for each half
 * of the room for young ones. So much room V8 takes when a sandbox rotates many secrets, and in none of them has a use for it.
 */
export function heapOptions(memoryMb: number): string {
  return `--max-semi-space-size=${SEMI_SPACE_MB} --max-old-space-size=${memoryMb - Math.floor(memoryMb / 10)}`;
}

const SEMI_SPACE_MB = 2;
