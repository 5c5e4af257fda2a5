import type { ConformanceCase } from './case.ts';
import { lifecycleCases } from './lifecycle.ts';
import { listCases } from './lists.ts';
import { replicationCases } from './replication.ts';
import { rotationCases } from './rotation.ts';
import { stageCases } from './stages.ts';
import { valueCases } from './values.ts';

/** The whole suite. */
export const groups: Record<string, ConformanceCase[]> = {
  values: valueCases,
  stages: stageCases,
  lifecycle: lifecycleCases,
  lists: listCases,
  rotation: rotationCases,
  replication: replicationCases,
};
