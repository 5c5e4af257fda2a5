/** Response times, in as much memory however many they are: counted in steps of a tenth of a millisecond, up to a minute. */
export interface Latencies {
  add(milliseconds: number): void;
  /** Milliseconds that this share of the answers did not exceed. */
  quantile(share: number): number;
  /** Milliseconds. */
  longest(): number;
}

const PER_MS = 10;
const LONGEST_MS = 60_000;

export function createLatencies(): Latencies {
  const counts = new Uint32Array(LONGEST_MS * PER_MS + 1);
  let total = 0;
  let longest = 0;
  return {
    add(milliseconds) {
      const step = Math.min(counts.length - 1, Math.ceil(milliseconds * PER_MS));
      counts[step] = (counts[step] ?? 0) + 1;
      total += 1;
      longest = Math.max(longest, milliseconds);
    },
    quantile(share) {
      let rest = total * share;
      const step = counts.findIndex((count) => {
        rest -= count;
        return rest <= 0;
      });
      return step / PER_MS;
    },
    longest: () => longest,
  };
}
