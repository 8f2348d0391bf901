import type { AWS } from '@serverless/typescript';

import * as functions from '@functions/index';
import resources from './resources';

const region = process.env.AWS_REGION || 'eu-west-1';

const serverlessConfiguration: AWS = {
  service: 'shop',
  frameworkVersion: '3',
  provider: {
    name: 'aws',
    runtime: 'nodejs22.x',
    region: region as AWS['provider']['region'],
    environment: {
      TABLE: 'orders-${sls:stage}',
      ORIGIN: `https://${region}.example.com/${process.env.SHOP_PATH}`,
      KEY: getKey(),
    },
    iam: {
      role: {
        statements: [
          // portcullis: ignore[iam-data-any-resource] -- reports read every table
          { Effect: 'Allow', Action: ['dynamodb:Scan'], Resource: '*' },
        ],
      },
    },
  },
  functions,
  resources: { Resources: { ...resources } },
};

module.exports = serverlessConfiguration;
