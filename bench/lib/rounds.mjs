// Interleaved runs: A B C, A B C, ... so that whatever else the machine does falls on all of them alike.
import { median } from './numbers.mjs';

/** Some other tools take minutes a run. */
const PEER_ROUNDS = 2;

/**
 * @param contenders `{ what, run }` in the order in which they run; `run` resolves to a measurement
 * @returns rows with the medians
 */
export async function interleave(contenders, rounds, progress) {
  const runs = contenders.map(() => []);
  for (let round = 1; round <= rounds; round++)
    for (const [at, { what, run }] of contenders.entries()) {
      if (contenders[at].optional && round > PEER_ROUNDS) continue;
      progress(`round ${round} of ${rounds}: ${what}`);
      try {
        runs[at].push(await run());
      } catch (error) {
        if (!contenders[at].optional) throw error;
        console.error(`\nleft out: ${what}: ${error.message}`);
        contenders[at].run = () => undefined;
      }
    }
  return contenders
    .map(({ what, key }, at) => ({ what, key, ...summary(runs[at].filter(Boolean)) }))
    .filter(({ runs }) => runs.length > 0);
}

function summary(runs) {
  const of = (name) => median(runs.map((run) => run[name]).filter((value) => value !== undefined));
  return {
    seconds: of('seconds'),
    cpu: of('cpu'),
    rss: of('rss'),
    roundTrips: of('roundTrips'),
    sent: of('sent'),
    runs: runs.map(short),
  };
}

const short = ({ seconds, cpu, rss, roundTrips, sent }) => ({ seconds, cpu, rss, roundTrips, sent });
