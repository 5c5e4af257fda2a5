import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { nodeOptions } from '../../infra/node-options.ts';
import { bundleOptions } from '../../src/build/bundle.ts';
import { compileModulesAtOnce } from '../../src/build/compile-modules-at-once.ts';
import { type ColdStart, measureColdStarts } from './cold.ts';
import type { Program } from './contestants.ts';
import { billedMs, estimateBilledMs } from './lambda-price.ts';
import { total, wholeRotation } from './rotate.ts';
import type { Setting } from './setting.ts';
import { median, sum } from './statistics.ts';
import { printTable, type Say } from './table.ts';

/** Each measure that makes the function faster, as the part of the bundling that is left undone without it. */
const MEASURES = {
  'take by name': { plugin: 'take-by-name' },
  'environment credentials': { plugin: 'environment-credentials' },
  'used messages': { plugin: 'used-messages' },
  'leave out': { plugin: 'leave-out' },
  'smaller protobuf': { alias: 'google-protobuf' },
  'compile modules at once': { compileAtOnce: true },
  priming: { module: 'priming/prime.ts' },
  'options of Node.js': { options: true },
} satisfies Record<string, Measure>;

interface Measure {
  plugin?: string;
  alias?: string;
  compileAtOnce?: true;
  module?: string;
  options?: true;
}

const ALL = 'as it is';
const NONE = 'without any';
export type Variant = keyof typeof MEASURES | typeof ALL | typeof NONE;

/** Bundles the function as it is, without each of the measures, and without any. */
export async function buildWithoutMeasures(folder: string): Promise<Record<Variant, Program>> {
  const variants: [string, Measure[]][] = [
    [ALL, []],
    ...Object.entries(MEASURES).map(([name, measure]): [string, Measure[]] => [name, [measure]]),
    [NONE, Object.values(MEASURES)],
  ];
  const programs: Record<string, Program> = {};
  for (const [name, undone] of variants) {
    const taskRoot = join(folder, name.replaceAll(' ', '-'));
    await mkdir(taskRoot, { recursive: true });
    await writeFile(join(taskRoot, 'index.mjs'), await bundleWithout(undone));
    const isPlain = undone.some(({ options }) => options);
    programs[name] = { taskRoot, ...(!isPlain && { nodeOptions }) };
  }
  return programs as Record<Variant, Program>;
}

async function bundleWithout(undone: Measure[]): Promise<string> {
  const isUndone = <K extends keyof Measure>(key: K, value: Measure[K]) => undone.some((each) => each[key] === value);
  const options: BuildOptions = {
    ...bundleOptions,
    alias: Object.fromEntries(Object.entries(bundleOptions.alias).filter(([name]) => !isUndone('alias', name))),
    plugins: [
      ...bundleOptions.plugins.filter(({ name }) => !isUndone('plugin', name)),
      ...undone.flatMap(({ module }) => (module === undefined ? [] : [without(module)])),
    ],
    write: false,
  };
  const { outputFiles = [] } = await build(options);
  const text = outputFiles.map((file) => file.text).join('');
  return isUndone('compileAtOnce', true) ? text : compileModulesAtOnce(text);
}

function without(module: string): Plugin {
  return {
    name: `without ${module}`,
    setup: ({ onLoad }) =>
      onLoad({ filter: new RegExp(`/src/${module.replace('.', '\\.')}$`) }, () => ({
        contents: 'export async function prime() {}',
      })),
  };
}

/** The cold starts of each variant, on whole processors, and confined where that is possible. */
export interface Measured {
  unconfined: Record<Variant, ColdStart[]>;
  confined: Record<Variant, ColdStart[]> | undefined;
}

export async function measureVariants(
  setting: Omit<Setting, 'programs'>,
  programs: Record<Variant, Program>,
  rounds: number,
): Promise<Measured> {
  return {
    unconfined: await measureColdStarts(setting, programs, { rounds }),
    confined: setting.groups && (await measureColdStarts(setting, programs, { rounds, confined: true })),
  };
}

export function reportMeasures(say: Say, { unconfined, confined }: Measured, memoryMb: number): void {
  const together = ({ init, steps }: ColdStart) => total([init, wholeRotation(steps)]);
  const variants = Object.keys(unconfined) as Variant[];
  const figures = (variant: Variant) => {
    const samples = unconfined[variant];
    const billed = confined?.[variant].map(billedMs) ?? samples.map((sample) => estimateBilledMs(sample, memoryMb));
    return {
      init: median(samples.map(({ init }) => init.processorMs)),
      rotation: median(samples.map(({ steps }) => wholeRotation(steps).processorMs)),
      wall: median(samples.map((sample) => together(sample).wallMs)),
      billed: median(billed.map(sum)),
      memory: median(samples.map((sample) => sample.memoryMb)),
    };
  };
  const asItIs = figures(ALL);
  printTable(say, `Without each measure: medians of ${unconfined[ALL].length} cold starts and rotations`, [
    [
      '',
      'processor time of init, ms',
      'of the rotation, ms',
      'together, ms',
      `billed at ${memoryMb} MB, ms`,
      'more than as it is',
      'memory, MB',
    ],
    ...variants.map((variant) => {
      const { init, rotation, wall, billed, memory } = figures(variant);
      return [
        variant,
        init.toFixed(1),
        rotation.toFixed(1),
        wall.toFixed(1),
        billed.toFixed(0),
        `${(100 * (billed / asItIs.billed - 1)).toFixed(1)} %`,
        memory.toFixed(1),
      ];
    }),
  ]);
}
