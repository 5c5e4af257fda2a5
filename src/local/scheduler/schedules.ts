import { isDeepStrictEqual } from 'node:util';
import type { CreateScheduleInput, Target } from '@aws-sdk/client-scheduler';
import { AwsServiceError, notFound } from '../aws/error.ts';
import { dueAt } from './expression.ts';

/** A request to create a schedule that has all that it must have. */
export type NewSchedule = CreateScheduleInput & { Name: string; Target: Target };

/** A one-time schedule. */
export interface Schedule {
  readonly arn: string;
  readonly groupName: string;
  /** As it was created. */
  readonly request: NewSchedule;
  readonly dueAt: Date;
  readonly createdAt: Date;
  /** It has invoked its target, and will not do so again. */
  isCompleted: boolean;
}

interface SchedulesOptions {
  region: string;
  accountId: string;
  now: () => Date;
  onCreated(schedule: Schedule): void;
}

/** "The default schedule group" (CreateSchedule, GroupName). */
const DEFAULT_GROUP = 'default';

const conflict = (message: string) => new AwsServiceError('ConflictException', message);

/** The schedules of one account in one Region, by group and name. */
export class Schedules {
  readonly #groups = new Map<string, Map<string, Schedule>>([[DEFAULT_GROUP, new Map()]]);
  readonly #options: SchedulesOptions;

  constructor(options: SchedulesOptions) {
    this.#options = options;
  }

  /** @returns the group's ARN. @throws ConflictException */
  createGroup(name: string): string {
    if (this.#groups.has(name)) throw conflict(`Schedule group ${name} already exists.`);
    this.#groups.set(name, new Map());
    return this.#arn('schedule-group', name);
  }

  /**
   * The same request with the same `ClientToken` again is answered as it was the first time, as long as there is the schedule
   * (assumed; the page says "to ensure the idempotency of the request").
   *
   * @throws ConflictException, ResourceNotFoundException for an unknown group, ValidationException for an unknown expression
   */
  create(request: NewSchedule): Schedule {
    const { Name: name, GroupName: groupName = DEFAULT_GROUP, ClientToken: token } = request;
    const group = this.#group(groupName);
    const existing = group.get(name);
    if (existing) {
      if (token !== undefined && isDeepStrictEqual(existing.request, request)) return existing;
      throw conflict(`Schedule ${name} already exists.`);
    }
    const schedule: Schedule = {
      arn: this.#arn('schedule', `${groupName}/${name}`),
      groupName,
      request,
      dueAt: dueAt(request),
      createdAt: this.#options.now(),
      isCompleted: false,
    };
    group.set(name, schedule);
    this.#options.onCreated(schedule);
    return schedule;
  }

  /** @throws ResourceNotFoundException */
  find(name: string, groupName?: string): Schedule {
    const schedule = this.#group(groupName ?? DEFAULT_GROUP).get(name);
    if (!schedule) throw notFound(`Schedule ${name} does not exist.`);
    return schedule;
  }

  remove({ groupName, request }: Schedule): void {
    this.#group(groupName).delete(request.Name);
  }

  /** Its target has been invoked. */
  complete(schedule: Schedule): void {
    schedule.isCompleted = true;
    if (schedule.request.ActionAfterCompletion === 'DELETE') this.remove(schedule);
  }

  /** In order of their creation. @throws ResourceNotFoundException for an unknown group */
  all(groupName?: string): Schedule[] {
    const groups = groupName === undefined ? [...this.#groups.values()] : [this.#group(groupName)];
    return groups.flatMap((group) => [...group.values()]);
  }

  /** Those that are still to invoke their targets, the earliest first. */
  waiting(): Schedule[] {
    return this.all()
      .filter(({ isCompleted, request }) => !isCompleted && request.State !== 'DISABLED')
      .sort((a, b) => a.dueAt.getTime() - b.dueAt.getTime());
  }

  #group(name: string): Map<string, Schedule> {
    const group = this.#groups.get(name);
    if (!group) throw notFound(`Schedule group ${name} does not exist.`);
    return group;
  }

  #arn(kind: string, resource: string): string {
    return `arn:aws:scheduler:${this.#options.region}:${this.#options.accountId}:${kind}/${resource}`;
  }
}
