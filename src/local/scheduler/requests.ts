/**
 * What each request may hold: the members, types and limits of the service's model, as the API reference gives them for each
 * action. `StartDate` and `EndDate` are left out: the service ignores them for one-time schedules.
 */
import { check, choice, decode, list, type Structure, structure, text, whole } from '../aws/shapes.ts';
import type { ActionInput, ActionName } from './actions.ts';

const name = text(1, 64, /^[0-9a-zA-Z\-_.]+$/);
const clientToken = text(1, 64, /^[a-zA-Z0-9\-_]+$/);
const state = choice('ENABLED', 'DISABLED');

const target = structure(
  {
    Arn: text(1, 1600),
    RoleArn: text(1, 1600, /^arn:aws(-[a-z]+)?:iam::\d{12}:role\/[\w+=,.@/-]+$/),
    Input: text(1, Number.POSITIVE_INFINITY),
    DeadLetterConfig: structure({ Arn: text(1, 1600, /^arn:aws(-[a-z]+)?:sqs:[a-z0-9-]+:\d{12}:[a-zA-Z0-9\-_]+$/) }),
    RetryPolicy: structure({ MaximumEventAgeInSeconds: whole(60, 86_400), MaximumRetryAttempts: whole(0, 185) }),
  },
  ['Arn', 'RoleArn'],
);

const requests: Record<ActionName, Structure> = {
  CreateSchedule: structure(
    {
      Name: name,
      GroupName: name,
      ClientToken: clientToken,
      ScheduleExpression: text(1, 256),
      ScheduleExpressionTimezone: text(1, 50),
      Description: text(0, 512),
      State: state,
      FlexibleTimeWindow: structure({ Mode: choice('OFF', 'FLEXIBLE'), MaximumWindowInMinutes: whole(1, 1440) }, [
        'Mode',
      ]),
      ActionAfterCompletion: choice('NONE', 'DELETE'),
      KmsKeyArn: text(1, 2048, /^arn:aws(-[a-z]+)?:kms:[a-z0-9-]+:\d{12}:(key|alias)\/[0-9a-zA-Z\-_]*$/),
      Target: target,
    },
    ['Name', 'ScheduleExpression', 'FlexibleTimeWindow', 'Target'],
  ),
  CreateScheduleGroup: structure(
    { Name: name, ClientToken: clientToken, Tags: list(structure({ Key: text(1, 128), Value: text(1, 256) }), 0, 200) },
    ['Name'],
  ),
  DeleteSchedule: structure({ Name: name, GroupName: name, ClientToken: clientToken }, ['Name']),
  GetSchedule: structure({ Name: name, GroupName: name }, ['Name']),
  ListSchedules: structure({
    GroupName: name,
    NamePrefix: name,
    State: state,
    MaxResults: whole(1, 100),
    NextToken: text(1, 2048),
  }),
};

/**
 * Turns the JSON of a request into the action's input. Members that the action does not know are dropped.
 * @throws SerializationException for a member of the wrong type.
 */
export function decodeRequest<A extends ActionName>(action: A, json: unknown): ActionInput<A> {
  return decode(requests[action], json) as ActionInput<A>;
}

/** @throws ValidationException for a member that is missing or outside its limits. */
export function validateRequest<A extends ActionName>(action: A, input: ActionInput<A>): void {
  check(requests[action], input);
}
