import { SlipwayError } from '../../base/errors.ts';
import type { Host } from '../../module/host.ts';
import { sh } from '../../module/program.ts';
import type { Output } from '../../transport/types.ts';

/** What apt says, what it means, and what to do. The first that is found counts. */
const MEANINGS: readonly (readonly [RegExp, (found: RegExpExecArray) => string, string])[] = [
  [
    /(\/\S+?)(?:\. It)? (is held by process \d+ \([^)]*\))/,
    ([, file, who]) => `apt is locked: ${file} ${who}`,
    'Wait for it to end, or raise `lock_timeout`. The lock is never removed.',
  ],
  [
    /(?:Could not get lock|Unable to (?:acquire|lock)) ([^\n]*)/,
    ([, rest]) => `apt is locked: ${rest}`,
    'Wait for the other process to end, or raise `lock_timeout`.',
  ],
  [
    /NO_PUBKEY ([0-9A-F]+)/,
    ([, key]) => `a repository is signed with the key ${key}, which is not known here`,
    'Give its key to `apt_repository` (`key_url`, `key` or `key_src`).',
  ],
  [
    /EXPKEYSIG ([0-9A-F]+)([^\n]*)/,
    ([, key, of]) => `the key ${key}${of} of a repository has expired`,
    'Fetch the renewed key: run `apt_repository` with `key_url` again.',
  ],
  [
    /The repository '([^']+)' is not signed/,
    ([, repo]) => `the repository ${repo} is not signed`,
    'Give its key to `apt_repository`.',
  ],
  [
    /The repository '([^']+)' does not have a Release file/,
    ([, repo]) => `there is no repository ${repo}`,
    'Look at its URI and suite.',
  ],
  [
    /Release file for (\S+) is (?:not valid yet|expired)[^\n]*/,
    ([all]) => all!,
    "Look at the host's clock, or at the mirror.",
  ],
  [
    /Unable to locate package (\S+)/,
    ([, name]) => `there is no package ${name}`,
    'Set `update_cache: true`, or add the repository that has it (`apt_repository`).',
  ],
  [
    /Package '?([^\s']+)'? has no installation candidate/,
    ([, name]) => `${name} has no version to install here`,
    'Set `update_cache: true`, or add the repository that has it.',
  ],
  [
    /Packages were downgraded and -y/,
    () => 'this would install an older version',
    'Set `allow_downgrade: true`.',
  ],
  [
    /Held packages were changed and -y/,
    () => 'this would change packages that are held',
    'Set `hold: true` to change them and hold them again, or `allow_change_held_packages: true`.',
  ],
  [
    /Essential packages were removed and -y/,
    () => 'this would remove essential packages',
    'Look at the list in the output.',
  ],
  [
    /have unmet dependencies:\n((?: .*\n?)+)/,
    ([, list]) => `unmet dependencies: ${list!.trim().replaceAll(/\s*\n\s*/g, '; ')}`,
    'Look at what is held (`apt-mark showhold`) and at the versions asked for.',
  ],
  [
    /dpkg was interrupted/,
    () => 'dpkg was interrupted earlier',
    'Run `dpkg --configure -a` on the host, or a task with `state: fixed`.',
  ],
  [
    /No space left on device/,
    () => 'the disk of the host is full',
    'Make room; `clean: true` removes fetched packages.',
  ],
  [
    /Temporary failure resolving '([^']+)'/,
    ([, name]) => `the host cannot resolve ${name}`,
    "Look at the host's DNS and at the URIs of its repositories.",
  ],
  [
    /Failed to fetch (\S+) +([^\n]*)/,
    ([, url, why]) => `${url} could not be fetched: ${why}`,
    "Look at the host's network, or at a proxy for apt.",
  ],
  [
    /Sub-process \/usr\/bin\/dpkg returned an error code/,
    () => 'the script of a package failed',
    'Look at the output above it.',
  ],
];

/** A failure of apt as a person would tell it. */
export async function aptFailure(output: Output, host: Host): Promise<SlipwayError> {
  const said = `${output.stderr}\n${output.stdout}`;
  const data = { ...output, rc: output.code };
  const version = /Version '([^']+)' for '([^']+)' was not found/.exec(said);
  if (version) {
    const there = await host.run(sh`apt-cache madison -- ${version[2]!} | cut -d '|' -f 2`, {
      anyExit: true,
    });
    const versions = there.stdout
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '');
    return new SlipwayError('task.failed', `there is no version ${version[1]} of ${version[2]}`, {
      hint:
        versions.length > 0 ? `There is: ${versions.slice(0, 8).join(', ')}.` : 'Set `update_cache: true`.',
      data,
    });
  }
  for (const [pattern, message, hint] of MEANINGS) {
    const found = pattern.exec(said);
    if (found) return new SlipwayError('task.failed', message(found), { hint, data });
  }
  const last = output.stderr
    .trim()
    .split('\n')
    .findLast((line) => line.startsWith('E: '));
  return new SlipwayError('task.command', last ?? `apt-get ended with ${output.code}`, { data });
}
