import { defineState } from '../../module/contract.ts';
import { applyContainer } from './container/apply.ts';
import { compareContainer } from './container/compare.ts';
import { probeContainer, readContainer } from './container/current.ts';
import {
  containerEffects,
  forecastOf,
  foreseeContainer,
  readsContainer,
  touchesContainer,
} from './container/outlook.ts';
import { containerParams, ELSEWHERE } from './container/params.ts';
import { readyContainer } from './container/ready.ts';
import { containerReturns, resultOf } from './container/returns.ts';

export const dockerContainer = defineState({
  name: 'docker_container',
  summary: 'A container of a Docker Engine: made, started, stopped, made anew, removed.',
  description: `
As \`community.docker.docker_container\`. Only what is declared is compared, with what \`docker inspect\` tells: what is not
declared, what the image brings, and defaults of the Engine are never a reason. The image is compared by its id, so an image
that was built again under the same name makes the container anew. Limits (\`memory\`, \`cpus\`, ...), the restart policy and
\`networks\` are changed in place; all else makes it anew, of what is declared only: the new one is made before the old one is
stopped, and when it cannot be started, the old one is started again. A container that ends at once after its start is a
failure. Values of \`env\` that are secrets, or whose names say so, are not shown in diffs. \`username\` and \`password\` go to the
Engine in a header, as with \`docker_image\`. Needs the \`docker\` command on the host, and root or the group \`docker\`.
`,
  params: containerParams,
  returns: containerReturns,
  secretParams: ['password'],
  elsewhere: ELSEWHERE,
  examples: [
    {
      title: 'a web server that comes back after a reboot',
      yaml: `
        - docker_container:
            name: web
            image: nginx:1.27
            published_ports: ['127.0.0.1:8080:80']
            env: {TZ: Europe/Berlin}
            volumes: ['/srv/www:/usr/share/nginx/html:ro']
            restart_policy: unless-stopped
            memory: 256M
      `,
      skip: 'needs a Docker Engine and an image; test/e2e/docker-container.test.ts runs it',
    },
    {
      title: 'wait until it is healthy, and look at its log',
      yaml: `
        - docker_container:
            name: app
            image: app:1
            state: healthy
            healthcheck: {test: test -e /tmp/.keep, interval: 1s, retries: 3}
            healthy_wait_timeout: 60
            output_logs: true
          register: app
        - debug: {msg: '{{ app.container.Output }}'}
      `,
      skip: 'needs a Docker Engine and an image; test/e2e/docker-container.test.ts runs it',
    },
    {
      title: 'a job that is run to its end each time',
      yaml: `
        - docker_container:
            name: migrate
            image: app:1
            command: [echo, done]
            detach: false
            cleanup: true
          register: migration
        - debug: {msg: '{{ migration.container.Output }}'}
      `,
      skip: 'needs a Docker Engine and an image; test/e2e/docker-container.test.ts runs it',
    },
    {
      title: 'a container that is no longer wanted',
      yaml: '- docker_container: {name: web, state: absent}',
      skip: 'needs a Docker Engine; test/e2e/docker-container.test.ts runs it',
    },
  ],

  prepare: readyContainer,
  probe: probeContainer,
  read: readContainer,
  compare: compareContainer,
  apply: applyContainer,
  result: resultOf,
  forecast: forecastOf,
  touches: touchesContainer,
  reads: readsContainer,
  effects: containerEffects,
  foresee: foreseeContainer,
});
