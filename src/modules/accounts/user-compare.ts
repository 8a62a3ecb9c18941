import { change, type Difference, impossible, same, type Verdict } from '../../module/contract.ts';
import { groupsOf, keyFileOf, type UserParams } from './user-params.ts';
import type { Account, UserState } from './user-state.ts';

/** What has to be done, each already decided. */
export interface UserChange {
  readonly step: 'create' | 'modify' | 'remove';
  readonly state: UserState;
  readonly uid?: boolean;
  readonly group?: boolean;
  /** The other groups that the user shall have; undefined: as they are. */
  readonly groups?: readonly string[];
  readonly comment?: boolean;
  readonly home?: boolean;
  readonly shell?: boolean;
  readonly password?: boolean;
  readonly lock?: boolean;
  readonly expires?: boolean;
  readonly ageing?: boolean;
  readonly makeHome?: boolean;
  readonly key?: boolean;
}

/** Homes that are no directory on purpose. */
const NO_HOME = ['/nonexistent', '/dev/null', ''];

export function compareUser(state: UserState, p: UserParams): Verdict<UserChange> {
  const { account } = state;
  if (p.state === 'absent') {
    if (!account) return same(`there is no user ${p.name}`);
    const diff = [{ subject: `user ${p.name}`, before: `uid ${account.uid}` }];
    return change(`there is a user ${p.name}`, diff, { step: 'remove', state });
  }
  const wrong = obstacle(state, p);
  if (wrong) return wrong;
  return account ? existing(account, state, p) : missing(state, p);
}

function obstacle(state: UserState, p: UserParams): Verdict<UserChange> | undefined {
  if (state.takenBy !== undefined && !p.non_unique)
    return impossible(
      `uid ${p.uid} belongs to the user ${state.takenBy}`,
      'Choose another, or set non_unique.',
    );
  const asked = [...(p.group === undefined ? [] : [p.group]), ...(groupsOf(p) ?? [])];
  const unknown = asked.filter((name) => !state.known.has(name));
  if (unknown.length > 0)
    return impossible(`there is no group ${unknown.join(', ')}`, 'Make it with the module `group` first.');
  const needsShadow = p.password !== undefined && p.update_password !== 'on_create';
  if (state.account && needsShadow && !state.account.shadow)
    return impossible(`the password of ${p.name} cannot be read`, 'Set `become: true` on the task.');
  return undefined;
}

function missing(state: UserState, p: UserParams): Verdict<UserChange> {
  const facts = [
    p.uid !== undefined && `uid ${p.uid}`,
    p.group !== undefined && `group ${p.group}`,
    p.groups !== undefined && `groups ${groupsOf(p)!.join(',')}`,
    p.home !== undefined && `home ${p.home}`,
    p.shell !== undefined && `shell ${p.shell}`,
  ].filter((fact) => fact !== false);
  return change(
    `there is no user ${p.name}`,
    [{ subject: `user ${p.name}`, after: facts.join(', ') || 'with defaults' }],
    {
      step: 'create',
      state,
      password: p.password !== undefined,
      lock: p.password_lock === true,
      ageing: ageing(p).length > 0,
      key: p.generate_ssh_key === true,
      makeHome: false,
    },
  );
}

function existing(account: Account, state: UserState, p: UserParams): Verdict<UserChange> {
  const diff: Difference[] = [];
  const differs = (
    subject: string,
    before: string | number | undefined,
    after: string | number | undefined,
  ) => {
    if (after === undefined || String(after) === String(before ?? '')) return false;
    diff.push({ subject: `${p.name} ${subject}`, before: String(before ?? ''), after: String(after) });
    return true;
  };
  const groups = wantedGroups(account, p);
  const group = p.group !== undefined && state.known.get(p.group) !== account.gid;
  const wanted: UserChange = {
    step: 'modify',
    state,
    uid: differs('uid', account.uid, p.uid),
    group: group && differs('group', account.group, p.group),
    ...(groups && differs('groups', account.groups.join(','), groups.join(',')) && { groups }),
    comment: differs('comment', account.comment, p.comment),
    home: differs('home', account.home, p.home),
    shell: differs('shell', account.shell, p.shell),
    password: passwordDiffers(account, p, diff),
    lock: lockDiffers(account, p, diff),
    expires: differs('expires', dateOf(account.shadow?.expires), expiry(p)),
    ageing: ageing(p).some(({ name, value, field }) => differs(name, account.shadow?.[field], value)),
    makeHome: homeMissing(account, p, diff),
    key: keyMissing(account, p, diff),
  };
  if (diff.length === 0) return same(`${p.name} is as it should be`);
  const subjects = diff.map(({ subject }) => subject.slice(p.name.length + 1));
  if (!state.hasShadowTools && !onlyBusybox(wanted))
    return impossible(
      `${subjects.join(', ')} of ${p.name} cannot be changed: this host has no usermod`,
      'Install its package `shadow`.',
    );
  return change(`${p.name} differs in ${subjects.join(', ')}`, diff, wanted);
}

/** The groups in the end, sorted; undefined when they are right or not asked for. */
function wantedGroups(account: Account, p: UserParams): string[] | undefined {
  const asked = groupsOf(p)?.filter((name) => name !== account.group);
  if (!asked) return undefined;
  const has = new Set(account.groups);
  const all = p.append ? new Set([...has, ...asked]) : new Set(asked);
  const right = all.size === has.size && [...all].every((name) => has.has(name));
  return right ? undefined : [...all];
}

function passwordDiffers(account: Account, p: UserParams, diff: Difference[]): boolean {
  if (p.password === undefined || p.update_password === 'on_create') return false;
  const now = account.shadow?.password ?? '';
  // A locked password is the same one with a mark before it.
  if (now === p.password || (now.replace(/^!+/, '') === p.password && p.password_lock !== undefined))
    return false;
  diff.push({ subject: `${p.name} password`, before: 'another', after: 'the given hash' });
  return true;
}

function lockDiffers(account: Account, p: UserParams, diff: Difference[]): boolean {
  if (p.password_lock === undefined || !account.shadow) return false;
  const locked = account.shadow.password.startsWith('!');
  if (locked === p.password_lock) return false;
  // What was never a password cannot be unlocked.
  if (!p.password_lock && /^!+\*?$/.test(account.shadow.password) && p.password === undefined) return false;
  diff.push({
    subject: `${p.name} password lock`,
    before: locked ? 'locked' : 'unlocked',
    after: p.password_lock ? 'locked' : 'unlocked',
  });
  return true;
}

function homeMissing(account: Account, p: UserParams, diff: Difference[]): boolean {
  const home = p.home ?? account.home;
  const moved = p.home !== undefined && p.home !== account.home;
  if (p.create_home === false || NO_HOME.includes(home) || (account.homeExists && !moved)) return false;
  if (moved) return p.move_home !== true;
  diff.push({ subject: `${p.name} home directory`, after: home });
  return true;
}

function keyMissing(account: Account, p: UserParams, diff: Difference[]): boolean {
  if (!p.generate_ssh_key || account.publicKey !== undefined) return false;
  diff.push({ subject: `${p.name} SSH key`, after: keyFileOf(p) });
  return true;
}

function onlyBusybox(c: UserChange): boolean {
  return !(c.uid || c.group || c.comment || c.home || c.shell || c.expires || c.ageing || c.lock);
}

/** The ageing of the password: option of chage, value, field of the shadow file. */
export function ageing(p: UserParams) {
  return (
    [
      { name: 'password_expire_max', option: '-M', value: p.password_expire_max, field: 'max' },
      { name: 'password_expire_min', option: '-m', value: p.password_expire_min, field: 'min' },
      { name: 'password_expire_warn', option: '-W', value: p.password_expire_warn, field: 'warn' },
      {
        name: 'password_expire_account_disable',
        option: '-I',
        value: p.password_expire_account_disable,
        field: 'inactive',
      },
    ] as const
  ).filter(({ value }) => value !== undefined);
}

/** YYYY-MM-DD, as usermod takes it; '' for never; undefined where it is not asked for. */
export function expiry(p: UserParams): string | undefined {
  if (p.expires === undefined) return undefined;
  return p.expires < 0 ? '' : new Date(p.expires * 1000).toISOString().slice(0, 10);
}

function dateOf(days: number | undefined): string {
  return days === undefined ? '' : new Date(days * 86_400_000).toISOString().slice(0, 10);
}
