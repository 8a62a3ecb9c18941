import { randomBytes } from 'node:crypto';
import { exports, quote } from '../shell-text.ts';
import type { Step } from '../types.ts';

/** Scripts up to this many bytes go inside the frame; longer ones are staged in a file first. */
export const INLINE_LIMIT = 64 * 1024;

/** The environment variable by which processes of a step are found again, wherever they are reparented to. */
export const STEP_VARIABLE = 'SLIPWAY_STEP';

// Drawn many at a time: every step needs one, and each call into the random generator has its price.
let drawn = '';
let used = 0;

/** 64 random bits that no output can have guessed. */
export function newNonce(): string {
  if (used === drawn.length) {
    drawn = randomBytes(2048).toString('hex');
    used = 0;
  }
  used += 16;
  return drawn.slice(used - 16, used);
}

/**
 * Prints a marker with a value on both streams; used by session and single commands alike. `__o` is what a whole step
 * has printed.
 */
export const MARK =
  '__e(){ printf "${__o:+%s\\n}\\036%s %s\\n" ${__o:+"$__o"} "$1" "$2$__x";' +
  String.raw`printf '\036%s %s\n' "$1" "$2$__x" >&2;__o=;__x=;}`;

/**
 * What every shell of ours gets first. sudo's secure_path and bare ssh environments lack the sbin folders; a home that
 * the user cannot enter must not fail every step.
 */
export const ENVIRONMENT = [
  'LC_ALL=C',
  `PATH="\${PATH:+$PATH:}/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"`,
  'export LC_ALL PATH',
  'umask 022',
  '{ cd || cd /;} >/dev/null 2>&1',
].join(';');

/** `__b` and `__z` stand around a step that is timed: what they find goes with the marker. */
const CLOCK =
  '__t(){ read -r __u __w </proc/uptime;} 2>/dev/null;__b(){ __t;__s=$__u;};' +
  `__z(){ __r=$?;__t;[ "$__d" ]||__d="$(date +%Y-%m-%dT%H:%M:%S.%N </dev/null) $__u";__x=" $__s $__u $__d";return $__r;}`;

/**
 * The start of a session. `__c` marks the end of a chained step and remembers a failed chain in `__f`, so that the
 * steps behind it, which are in the pipe already, are skipped on the host.
 */
export function preamble(nonce: string): string {
  return `${ENVIRONMENT};__f=;${MARK};${CLOCK};__c(){ __e "$1" "$2";[ "$2" = 0 ]||__f="$__f $3 ";}\n__e ${nonce} $$\n`;
}

/** Where the text of a step is: in the frame as one word, or in a file on the host (which is removed as it is read). */
export type Body = { readonly word: string } | { readonly file: string };

/** A script as one word for eval, of which a leading `-` would be an option. @throws {SlipwayError} task.invalid */
export function scriptWord(script: string): string {
  return quote(script.startsWith('-') ? ` ${script}` : script || ':');
}

/**
 * One step as text for the session's shell: a single complete command, so that nothing the script holds can reach the
 * shell itself. bash reads a pipe byte by byte: every byte here is a system call there.
 */
export function frame(step: Step, body: Body, tag: string, nonce: string): string {
  const inside = subshell(step.environment, body, tag);
  const bare = step.whole ? `__o=$(${inside} </dev/null)` : `(${inside})</dev/null`;
  const run = step.timed ? `__b;${bare};__z` : bare;
  if (step.chain === undefined) return `${run};__e ${nonce} $?\n`;
  const chain = Math.trunc(step.chain);
  if (step.always) return `${run};__c ${nonce} $? ${chain}\n`;
  const skip = 'file' in body ? `rm -f ${quote(body.file)};` : '';
  return `case $__f in *' ${chain} '*)${skip}__e ${nonce} s;;*)${run};__c ${nonce} $? ${chain};;esac\n`;
}

/** The inside of a step's subshell. */
export function subshell(environment: Step['environment'], body: Body, tag: string): string {
  const text = 'word' in body ? body.word : `"$(cat ${quote(body.file)};rm -f ${quote(body.file)})"`;
  return `export ${STEP_VARIABLE}=${tag};${exports(environment)}eval ${text}`;
}
