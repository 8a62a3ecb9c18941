export { type DetachedOptions, runDetached } from './detached/run.ts';
