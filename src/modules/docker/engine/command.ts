import { type Program, sh } from '../../../module/program.ts';

/** The host's `docker`, for the Engine at a socket; goes into a program. */
export const dockerCommand = (socket: string): Program => sh`docker -H ${`unix://${socket}`}`;
