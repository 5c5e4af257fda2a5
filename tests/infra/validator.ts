import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CloudFormationValidatePlugin, type IPolicyValidationContext, type IPolicyValidationPlugin } from 'aws-cdk-lib';

/** What templates of tests are made of. The CDK loads the rules for these, and all of them anew whenever there is another. */
const TYPES = [
  ...['CloudFormation::Stack', 'Events::Rule', 'KMS::Key', 'Logs::LogGroup'],
  ...['CloudWatch::Alarm', 'CloudWatch::Dashboard'],
  ...['EC2::EIP', 'EC2::InternetGateway', 'EC2::NatGateway', 'EC2::Route', 'EC2::RouteTable', 'EC2::SecurityGroup'],
  ...['EC2::Subnet', 'EC2::SubnetRouteTableAssociation', 'EC2::VPC', 'EC2::VPCGatewayAttachment'],
  ...['IAM::ManagedPolicy', 'IAM::Policy', 'IAM::Role'],
  ...['Lambda::Function', 'Lambda::Permission'],
  ...['Scheduler::Schedule', 'Scheduler::ScheduleGroup'],
  ...['SecretsManager::RotationSchedule', 'SecretsManager::Secret'],
  ...['SNS::Subscription', 'SNS::Topic', 'SNS::TopicPolicy'],
].map((name) => `AWS::${name}`);

/**
 * Holds templates against CloudFormation's own rules for what a property may be, as the CDK does by itself: one that breaks a rule does
 * not synthesize. What has passed is not held against them again, since most tests are about the same few templates.
 *
 * @param folder where it may write
 */
export function createValidator(folder: string): IPolicyValidationPlugin {
  const rules = new CloudFormationValidatePlugin();
  const passed = new Set<string>();

  function loadRules(context: IPolicyValidationContext): void {
    const templatePath = join(folder, 'all-types.json');
    const resources = TYPES.map((type, index) => [`Resource${index}`, { Type: type }]);
    writeFileSync(templatePath, JSON.stringify({ Resources: Object.fromEntries(resources) }));
    const [stack] = context.stackTemplates;
    if (stack) rules.validate({ ...context, stackTemplates: [{ ...stack, templatePath }] });
  }

  return {
    name: 'What passes CloudFormation',
    validate(context) {
      if (passed.size === 0) loadRules(context);
      const templates = context.stackTemplates.map((stack) => ({
        ...stack,
        template: readFileSync(stack.templatePath, 'utf8'),
      }));
      const subject = JSON.stringify(templates);
      if (passed.has(subject)) return { success: true, violations: [] };
      const report = rules.validate(context);
      if (report.success) passed.add(subject);
      return report;
    },
  };
}
