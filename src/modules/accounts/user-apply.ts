import { lines, type Program, sh } from '../../module/program.ts';
import { ageing, expiry, type UserChange } from './user-compare.ts';
import { groupsOf, keyFileOf, type UserParams } from './user-params.ts';

export function applyUser(change: UserChange, p: UserParams): Program {
  if (change.step === 'remove') return remove(change, p);
  const made = change.step === 'create' ? create(change, p) : modify(change, p);
  return lines(
    sh`set -e`,
    made,
    change.makeHome === true && makeHome(p),
    // Not an argument: others on the host can read those.
    change.password === true && sh`printf '%s:%s\n' ${p.name} ${p.password} | chpasswd -e`,
    change.lock === true && (p.password_lock ? sh`usermod -L ${p.name}` : sh`usermod -U ${p.name}`),
    change.ageing === true &&
      sh`chage ${ageing(p).flatMap(({ option, value }) => [option, String(value)])} ${p.name}`,
    change.key === true && makeKey(p),
  );
}

function create(change: UserChange, p: UserParams): Program {
  if (!change.state.hasShadowTools) return createWithBusybox(p);
  const option = (name: string, value: string | number | undefined) =>
    value === undefined ? [] : [name, String(value)];
  const groups = groupsOf(p);
  const home = p.create_home === false ? ['-M'] : ['-m', ...option('-k', p.skeleton)];
  // A group of this name is there already: useradd must not try to make it.
  const own = p.group === undefined && change.state.ownGroup ? ['-N'] : [];
  return sh`
    useradd ${[
      ...option('-u', p.uid),
      ...(p.non_unique && p.uid !== undefined ? ['-o'] : []),
      ...option('-g', p.group),
      ...own,
      ...(groups && groups.length > 0 ? ['-G', groups.join(',')] : []),
      ...option('-c', p.comment),
      ...option('-d', p.home),
      ...option('-s', p.shell),
      ...(p.system ? ['-r'] : []),
      ...option('-e', expiry(p)),
      ...(p.umask === undefined ? [] : ['-K', `UMASK=${p.umask}`]),
      ...home,
      p.name,
    ]}
  `;
}

function createWithBusybox(p: UserParams): Program {
  const option = (name: string, value: string | number | undefined) =>
    value === undefined ? [] : [name, String(value)];
  return lines(
    sh`
      adduser ${[
        '-D',
        ...(p.create_home === false ? ['-H'] : option('-k', p.skeleton)),
        ...option('-u', p.uid),
        ...option('-G', p.group),
        ...option('-g', p.comment),
        ...option('-h', p.home),
        ...option('-s', p.shell),
        ...(p.system ? ['-S'] : []),
        p.name,
      ]}
    `,
    ...(groupsOf(p) ?? []).map((group) => sh`addgroup ${p.name} ${group}`),
  );
}

function modify(change: UserChange, p: UserParams): Program | undefined {
  if (!change.state.hasShadowTools) return groupsWithBusybox(change, p);
  const options = [
    ...(change.uid ? ['-u', String(p.uid), ...(p.non_unique ? ['-o'] : [])] : []),
    ...(change.group ? ['-g', p.group!] : []),
    ...(change.groups ? ['-G', change.groups.join(',')] : []),
    ...(change.comment ? ['-c', p.comment!] : []),
    ...(change.home ? ['-d', p.home!, ...(p.move_home ? ['-m'] : [])] : []),
    ...(change.shell ? ['-s', p.shell!] : []),
    ...(change.expires ? ['-e', expiry(p)!] : []),
  ];
  return options.length === 0 ? undefined : sh`usermod ${options} ${p.name}`;
}

function groupsWithBusybox(change: UserChange, p: UserParams): Program | undefined {
  const wanted = change.groups;
  if (!wanted) return undefined;
  const has = change.state.account?.groups ?? [];
  return lines(
    ...wanted.filter((group) => !has.includes(group)).map((group) => sh`addgroup ${p.name} ${group}`),
    ...has.filter((group) => !wanted.includes(group)).map((group) => sh`delgroup ${p.name} ${group}`),
  );
}

function makeHome(p: UserParams): Program {
  return sh`
    l=$({ getent passwd ${p.name} || grep ${`^${p.name}:`} /etc/passwd; } 2>/dev/null | head -n 1)
    h=$(printf '%s' "$l" | cut -d : -f 6)
    i=$(printf '%s' "$l" | cut -d : -f 3,4)
    if [ ! -d "$h" ]; then
      mkdir -p "\${h%/*}/"
      ( umask ${p.umask ?? '077'}; mkdir "$h" )
      if [ -d ${p.skeleton ?? '/etc/skel'} ]; then cp -R ${p.skeleton ?? '/etc/skel'}/. "$h"; fi
      chown -R "$i" "$h"
    fi
  `;
}

function makeKey(p: UserParams): Program {
  const bits = p.ssh_key_bits === undefined ? [] : ['-b', String(p.ssh_key_bits)];
  const comment =
    p.ssh_key_comment === undefined ? sh`"ansible-generated on $(uname -n)"` : sh`${p.ssh_key_comment}`;
  return sh`
    l=$({ getent passwd ${p.name} || grep ${`^${p.name}:`} /etc/passwd; } 2>/dev/null | head -n 1)
    h=$(printf '%s' "$l" | cut -d : -f 6)
    i=$(printf '%s' "$l" | cut -d : -f 3,4)
    k=${keyFileOf(p)}; case $k in /*) ;; *) k=$h/$k ;; esac
    if [ ! -d "\${k%/*}" ]; then ( umask 077; mkdir -p "\${k%/*}" ); chown "$i" "\${k%/*}"; fi
    ssh-keygen -q -t ${p.ssh_key_type ?? 'rsa'} ${bits} -C ${comment} -N '' -f "$k" </dev/null
    chown "$i" "$k" "$k.pub"
  `;
}

function remove(change: UserChange, p: UserParams): Program {
  if (!change.state.hasShadowTools) return sh`deluser ${p.remove ? ['--remove-home'] : []} ${p.name}`;
  return sh`userdel ${[...(p.force ? ['-f'] : []), ...(p.remove ? ['-r'] : []), p.name]}`;
}
