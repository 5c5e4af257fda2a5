/**
 * `NODE_OPTIONS` for a function with so much memory; docs/performance.md, "Memory and threads", has what they save.
 *
 * Lambda's runtime gives heap limits of its own only where these name none, if its `bootstrap` still is as others read it: nine tenths of the
 * memory for old objects, as here, and a twentieth for each half of the room for young ones. So much room V8 takes when a sandbox rotates many
 * secrets, and has no use for it. And V8 has four threads beside the main one, which compete with it for its share of a processor.
 */
export function nodeOptions(memoryMb: number): string {
  const oldSpaceMb = memoryMb - Math.floor(memoryMb / 10);
  return `--max-semi-space-size=${SEMI_SPACE_MB} --max-old-space-size=${oldSpaceMb} --v8-pool-size=1`;
}

const SEMI_SPACE_MB = 4;
