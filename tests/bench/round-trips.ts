import type { Bound } from './bounds.ts';
import { rotate, type StepName } from './rotate.ts';
import type { Setting } from './setting.ts';
import { printTable, type Say } from './table.ts';
import { type Peer, withSandboxes } from './warm.ts';

/** Far longer than a step takes by itself, or what it does by itself would look like a round trip. */
const DELAY_MS = 250;
const WARM_UPS = 3;
const TRIES = 3;

/** How many calls of each step wait for one another. */
export type RoundTrips = Record<StepName, number>;

/**
 * Has each call answered late, and sees how often that adds up: calls that are under way at once cost it once. A slow moment of the
 * machine cannot make it less, hence the least of some tries.
 */
export async function countRoundTrips(setting: Setting): Promise<Record<Peer, RoundTrips>> {
  const { services } = setting;
  const least: Record<Peer, RoundTrips> = { naive: noneYet(), ours: noneYet() };
  const [secretId = ''] = await services.ask('createSecrets', 1);
  await withSandboxes(setting, async (sandboxes) => {
    for (const [peer, sandbox] of Object.entries(sandboxes) as [Peer, typeof sandboxes.ours][]) {
      for (let time = 0; time < WARM_UPS; time += 1) await rotate(services, sandbox, secretId);
      await services.ask('delayCalls', DELAY_MS);
      for (let time = 0; time < TRIES; time += 1) {
        const { steps } = await rotate(services, sandbox, secretId);
        for (const [step, { wallMs }] of Object.entries(steps) as [StepName, { wallMs: number }][]) {
          least[peer][step] = Math.min(least[peer][step], Math.floor(wallMs / DELAY_MS));
        }
      }
      await services.ask('delayCalls', 0);
    }
  });
  return least;
}

const noneYet = (): RoundTrips => ({
  createSecret: Number.POSITIVE_INFINITY,
  setSecret: Number.POSITIVE_INFINITY,
  testSecret: Number.POSITIVE_INFINITY,
  finishSecret: Number.POSITIVE_INFINITY,
});

/** What a step has to wait for: it looks, has a successor issued, stores it; reads and pings; looks and moves the label. */
const NEEDED: RoundTrips = { createSecret: 3, setSecret: 0, testSecret: 2, finishSecret: 2 };

export function reportRoundTrips(say: Say, { naive, ours }: Record<Peer, RoundTrips>): Bound[] {
  const steps = Object.keys(NEEDED) as StepName[];
  const row = (name: string, trips: RoundTrips) => [name, ...steps.map((step) => String(trips[step]))];
  printTable(say, 'Round trips one after another', [
    ['', ...steps],
    row('naive', naive),
    row('ours', ours),
    row('needed', NEEDED),
  ]);
  return [
    {
      figure: 'round trips that could have run beside another',
      bound: 'none',
      measured: steps.map((step) => ours[step]).join(', '),
      met: steps.every((step) => ours[step] <= NEEDED[step]),
    },
  ];
}
