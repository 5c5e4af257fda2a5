import type {
  CreateScheduleGroupInput,
  CreateScheduleGroupOutput,
  CreateScheduleInput,
  CreateScheduleOutput,
  DeleteScheduleInput,
  DeleteScheduleOutput,
  GetScheduleInput,
  GetScheduleOutput,
  ListSchedulesInput,
  ListSchedulesOutput,
  Target,
} from '@aws-sdk/client-scheduler';
import { validation } from '../aws/error.ts';
import { page } from '../aws/pages.ts';
import type { NewSchedule, Schedule, Schedules } from './schedules.ts';

const LIST_PAGE = 100;

/** What the service fills in (GetSchedule of a schedule that was created without). */
const DEFAULT_RETRY_POLICY = { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 };

/** Every action that is supported, by its name. Each answers at once or throws. */
export const actions = {
  CreateSchedule(schedules: Schedules, input: CreateScheduleInput): CreateScheduleOutput {
    requireTarget(input.Target);
    requireWindow(input.FlexibleTimeWindow);
    return { ScheduleArn: schedules.create(input as NewSchedule).arn };
  },

  CreateScheduleGroup(schedules: Schedules, { Name = '' }: CreateScheduleGroupInput): CreateScheduleGroupOutput {
    return { ScheduleGroupArn: schedules.createGroup(Name) };
  },

  DeleteSchedule(schedules: Schedules, { Name = '', GroupName }: DeleteScheduleInput): DeleteScheduleOutput {
    schedules.remove(schedules.find(Name, GroupName));
    return {};
  },

  GetSchedule(schedules: Schedules, { Name = '', GroupName }: GetScheduleInput): GetScheduleOutput {
    const schedule = schedules.find(Name, GroupName);
    const { ClientToken, Target, ...request } = schedule.request;
    return {
      ScheduleExpressionTimezone: 'UTC',
      State: 'ENABLED',
      ActionAfterCompletion: 'NONE',
      ...request,
      ...whereabouts(schedule),
      Target: { ...Target, RetryPolicy: { ...DEFAULT_RETRY_POLICY, ...Target.RetryPolicy } },
    };
  },

  ListSchedules(schedules: Schedules, input: ListSchedulesInput): ListSchedulesOutput {
    const { GroupName, NamePrefix = '', State } = input;
    const found = schedules
      .all(GroupName)
      .map((schedule) => ({ ...whereabouts(schedule), Name: schedule.request.Name, ...summary(schedule) }))
      .filter(({ Name, State: state }) => Name.startsWith(NamePrefix) && (State === undefined || state === State));
    const { items, next } = page(found, input, LIST_PAGE, validation);
    return { Schedules: items, NextToken: next };
  },
};

export type ActionName = keyof typeof actions;
export type ActionInput<A extends ActionName> = Parameters<(typeof actions)[A]>[1];
export type ActionOutput<A extends ActionName> = ReturnType<(typeof actions)[A]>;

function whereabouts({ arn, groupName, createdAt }: Schedule) {
  return { Arn: arn, GroupName: groupName, CreationDate: createdAt, LastModificationDate: createdAt };
}

function summary({ request: { State = 'ENABLED', Target } }: Schedule) {
  return { State, Target: { Arn: Target.Arn } };
}

function requireTarget({ Arn = '', Input }: Partial<Target> = {}): void {
  if (!/^arn:[^:]+:lambda:/.test(Arn)) {
    throw validation('Target.Arn: this local EventBridge Scheduler invokes Lambda functions only.');
  }
  if (Input === undefined) {
    throw validation('Target.Input: this local EventBridge Scheduler makes up no event of its own.');
  }
  // "If you are configuring a templated Lambda … target, the input must be a well-formed JSON" (Target).
  if (!isJson(Input)) throw validation('Invalid RequestPayload: Target.Input must be well-formed JSON.');
}

function requireWindow(window: CreateScheduleInput['FlexibleTimeWindow']): void {
  if (window?.Mode === 'FLEXIBLE' && window.MaximumWindowInMinutes === undefined) {
    throw validation('FlexibleTimeWindow.MaximumWindowInMinutes must be given with mode FLEXIBLE.');
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
