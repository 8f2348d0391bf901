export default {
  Orders: {
    Type: 'AWS::S3::Bucket',
    Properties: { AccessControl: 'PublicRead' },
  },
} as const;
