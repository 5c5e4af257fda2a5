/**
 * `NODE_OPTIONS` for a function with so much memory. Lambda's runtime gives the heap limits of its own only where that names none, if its
 * `bootstrap` still is as others read it (docs/performance.md, "Memory"): nine tenths of the memory for old objects, as here, and a twentieth
 * for each half of the room for young ones. So much room V8 takes when a sandbox rotates many secrets, and has no use for it.
 */
export function heapOptions(memoryMb: number): string {
  return `--max-semi-space-size=${SEMI_SPACE_MB} --max-old-space-size=${memoryMb - Math.floor(memoryMb / 10)}`;
}

const SEMI_SPACE_MB = 2;
