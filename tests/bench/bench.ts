import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCommand, runCommand, wholeNumber } from '../../src/command/command.ts';
import { type Bound, judge, notMeasured } from './bounds.ts';
import { reportClient } from './client.ts';
import { measureColdStarts } from './cold.ts';
import { reportColdStarts } from './cold-report.ts';
import { confinedBoundsUnmeasured, reportConfined } from './confined-report.ts';
import { buildContestants, CONTESTANTS } from './contestants.ts';
import { findControlGroups } from './control-group.ts';
import { type FleetCommandOptions, withFleetOptions } from './fleet/options.ts';
import { reportManySecrets, rotateManySecrets } from './many-secrets.ts';
import { buildWithoutMeasures, measureVariants, reportMeasures } from './measures.ts';
import { createCertificates, createNetwork } from './network.ts';
import { billAtEachSetting, reportPrices } from './price-report.ts';
import { measurePriming, reportPriming } from './priming.ts';
import { reportProfile } from './profile-report.ts';
import { countRoundTrips, reportRoundTrips } from './round-trips.ts';
import { findRuntime } from './runtime.ts';
import { startServices } from './services.ts';
import type { Setting } from './setting.ts';
import { printTable } from './table.ts';
import { measureWarmRotations } from './warm.ts';
import { reportWaitingRotations, reportWarmRotations } from './warm-report.ts';

/** `npm run bench`: what a rotation costs, beside an empty handler and a naive bundle, and whether every bound is kept. */

const positive = wholeNumber(1, 99_999);
const { runs, memory, node, ric, cold, client, profile, measures, fleet, ...ofFleet } = withFleetOptions(
  createCommand('npm run bench --'),
)
  .description(
    'Measures the built function, beside an empty handler, the published design, and one that naively loads both SDKs. Exits with 1 if a bound is missed.',
  )
  .option('--runs <number>', 'cold starts of each', positive, 15)
  .option('--memory <MB>', 'what the function is told that it has', positive, 256)
  .option('--node <path>', 'the Node.js that the functions run on', process.execPath)
  .option('--ric <path>', 'the folder of aws-lambda-ric, if it is not among the modules of this project')
  .option('--cold', 'cold starts only')
  .option('--client', 'what the part for applications costs, instead')
  .option('--profile', 'where a cold start goes, instead')
  .option('--measures', 'what each of the measures that make it faster saves, instead')
  .parse()
  .opts<
    {
      runs: number;
      memory: number;
      node: string;
      ric?: string;
      cold?: boolean;
      client?: boolean;
      profile?: boolean;
      measures?: boolean;
    } & FleetCommandOptions
  >();

/** Of what takes long, and has no bound that it comes close to. */
const FEW_RUNS = 5;
const MORE_ROTATIONS = 200;
const MANY_SECRETS = 1000;
/** What a service is taken to need for an answer, by itself and on the way. */
const ANSWER_MS = 5;

const say = (line: string) => void process.stdout.write(`${line}\n`);
await runCommand(async () => {
  if (fleet !== undefined) return (await import('./fleet/fleet.ts')).benchFleet(say, fleet, ofFleet);
  const folder = await mkdtemp(join(tmpdir(), 'bench-'));
  const certificates = await createCertificates();
  const services = await startServices(certificates.services);
  try {
    const runtime = await findRuntime({ node, ric, memoryMb: memory }, folder);
    const network = await createNetwork(folder, services.ports, certificates);
    const groups = findControlGroups();
    const setting: Setting = {
      runtime,
      services,
      network,
      groups: typeof groups === 'string' ? undefined : groups,
      programs: await buildContestants(folder),
    };
    const processors = cpus();
    say(`${processors.length} × ${processors[0]?.model.trim()}, ${process.platform} ${process.arch}`);
    say(`functions on Node.js ${runtime.nodeVersion}, run by ${runtime.client.name}, at ${memory} MB`);
    if (typeof groups === 'string') {
      say(`What is billed is estimated: functions cannot be confined to a share of a processor here (${groups}).`);
    }

    if (client) {
      await reportClient(say);
    } else if (profile) {
      const { profileColdStarts } = await import('./profile.ts');
      reportProfile(say, await profileColdStarts(setting, folder, runs));
    } else if (measures) {
      const programs = await buildWithoutMeasures(folder);
      reportMeasures(say, await measureVariants(setting, programs, runs), memory);
      if (setting.groups !== undefined) {
        const primed = { without: programs.priming, with: programs['as it is'] };
        reportPriming(say, await measurePriming(setting, primed, FEW_RUNS));
      }
    } else {
      if (!judge(say, await measure(setting), runtime)) process.exitCode = 1;
    }
  } finally {
    await services.close();
    await rm(folder, { recursive: true });
  }
});

async function measure(setting: Setting): Promise<Bound[]> {
  const { programs } = setting;
  const coldStarts = await measureColdStarts(setting, programs, { rounds: runs });
  const bounds = reportColdStarts(say, coldStarts);
  if (setting.groups === undefined) {
    bounds.push(...confinedBoundsUnmeasured(memory));
  } else {
    const confined = await measureColdStarts(setting, programs, { rounds: runs, confined: true });
    const throughout = { rounds: FEW_RUNS, confined: true, initConfined: true };
    const initToo = await measureColdStarts(setting, programs, throughout);
    bounds.push(...reportConfined(say, confined, initToo, memory));
  }
  const bills = await billAtEachSetting(setting, coldStarts, FEW_RUNS);
  bounds.push(...reportPrices(say, bills, setting.groups !== undefined));
  if (cold) return [...bounds, notMeasured('warm rotations, calls, round trips, many secrets', 'see --help: --cold')];
  bounds.push(...reportWarmRotations(say, await measureWarmRotations(setting, MORE_ROTATIONS, 0)));
  const waiting = await measureWarmRotations(setting, MORE_ROTATIONS, ANSWER_MS);
  bounds.push(...reportWaitingRotations(say, waiting, ANSWER_MS));
  bounds.push(...reportRoundTrips(say, await countRoundTrips(setting)));
  bounds.push(...reportManySecrets(say, await rotateManySecrets(setting, MANY_SECRETS)));
  printTable(say, 'Bundle', [
    ['', ...CONTESTANTS],
    ['KB', ...(await Promise.all(CONTESTANTS.map((contestant) => kilobytes(programs[contestant].taskRoot))))],
  ]);
  await reportClient(say);
  return bounds;
}

async function kilobytes(taskRoot: string): Promise<string> {
  const files = await readdir(taskRoot);
  const sizes = await Promise.all(files.map(async (file) => (await stat(join(taskRoot, file))).size));
  return (sizes.reduce((sum, size) => sum + size, 0) / 1000).toFixed(1);
}
