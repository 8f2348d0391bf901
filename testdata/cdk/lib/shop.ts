import * as cdk from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as rds from 'aws-cdk-lib/aws-rds';

export class Shop extends cdk.Stack {
  constructor(scope: cdk.App, id: string) {
    super(scope, id);
    const vpc = new ec2.Vpc(this, 'Vpc');
    new rds.DatabaseInstance(this, 'Orders', {
      engine: rds.DatabaseInstanceEngine.MYSQL,
      credentials: rds.Credentials.fromPassword('admin', cdk.SecretValue.unsafePlainText('hunter2hunter2')),
      vpc,
    });
    const inside = new cdk.NestedStack(this, 'Inside');
    new ec2.CfnSecurityGroup(inside, 'Door', {
      groupDescription: 'ssh',
      securityGroupIngress: [{ ipProtocol: 'tcp', fromPort: 22, toPort: 22, cidrIp: '0.0.0.0/0' }],
    });
  }
}
