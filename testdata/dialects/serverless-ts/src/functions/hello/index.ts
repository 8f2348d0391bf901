import { handlerPath } from '../../handler-resolver';

export default {
  handler: `${handlerPath(__dirname)}/handler.main`,
  events: [{ http: { method: 'post', path: 'hello' } }],
};
