import { lines, type Program, sh } from '../../module/program.ts';
import { familiarName } from './image-names.ts';
import { STAGE } from './stage.ts';

export type Runtime = 'docker' | 'containerd';

/** What a host is asked. */
export interface Question {
  readonly runtime: Runtime | 'auto';
  /** containerd's. */
  readonly namespace: string;
  /** As containerd writes them. */
  readonly names: readonly string[];
  /** Digests that say of a name that it is as it should be: of configurations, manifests and indexes. */
  readonly right: readonly string[];
  /** Digests of all that may have to be sent. */
  readonly blobs: readonly string[];
  /** Several platforms are to choose from. */
  readonly platforms: boolean;
}

/**
 * What is there, how much room there is, and what an earlier run that was cut off has left. Asked only where some image
 * is not as it should be: a settled host is asked one thing.
 */
const room = (blobs: Program) => sh`
  ${blobs}
  [ -d "$root" ] || root=/
  echo room
  df -Pk "$root" /var/tmp 2>/dev/null
  ${STAGE}
  [ ! -d "$d" ] || wc -c "$d"/* 2>/dev/null
`;

/** Prints those of a list that may have to be sent. */
const listed = (list: Program, { blobs }: Question) => sh`
  while read -r digest; do
    case ${` ${blobs.join(' ')} `} in *" $digest "*) echo "blob $digest" ;; esac
  done <<.
  $(${list})
  .
`;

/**
 * Docker's classic store tells its layers. Where it keeps images in containerd, that tells root what is in its content
 * store: it is Docker's own, or the host's.
 */
const dockerBlobs = (question: Question) => sh`
  root=\${info%%|*}
  echo "store \${info#*|}"
  case $info in
    *io.containerd.snapshotter*)
      c=/run/docker/containerd/containerd.sock
      [ -S $c ] || { c=/run/containerd/containerd.sock; root=/var/lib/containerd; }
      ${listed(sh`ctr -a $c -n moby content ls -q 2>/dev/null`, question)}
      ;;
    *)
      all=$(docker image ls -q --no-trunc 2>/dev/null)
      [ -z "$all" ] || docker image inspect --format 'layers {{json .RootFS.Layers}}' $all 2>/dev/null ;;
  esac
`;

// With the containerd store, Docker leaves out what an image does not say of itself.
const SHOWN =
  'docker {{json .RepoTags}} {{.Id}} {{json (index .RootFS "Layers")}} {{json (index . "Created")}} {{json (index . "Config")}}';

function docker(question: Question): Program {
  const { names, right } = question;
  return sh`
    seen=$(docker image inspect --format ${SHOWN} ${names.map(familiarName)} 2>/dev/null)
    printf '%s\n' "$seen"
    left=${names.length}
    while read -r word tags id layers; do
      case ${` ${right.join(' ')} `} in *" $id "*) left=$((left-1)) ;; esac
    done <<.
    $seen
    .
    if [ $left -gt 0 ]; then
      if info=$(docker info --format '{{.DockerRootDir}}|{{json .DriverStatus}}' 2>/dev/null); then
        ${room(dockerBlobs(question))}
      elif ! said=$(docker version --format ok 2>&1 >/dev/null); then echo "problem $said" | tr '\n' ' '
      fi
    fi
  `;
}

const containerdBlobs = (question: Question) => sh`
  ${listed(sh`ctr -n ${question.namespace} content ls -q 2>/dev/null`, question)}
  root=/var/lib/containerd
  if [ -r /etc/containerd/config.toml ]; then
    while read -r key equals value; do
      case $key in root) root=\${value#[\"\']}; root=\${root%[\"\']} ;; "["*) break ;; esac
    done </etc/containerd/config.toml
  fi
`;

/**
 * The configuration's digest stands in the manifest, which is only read where the name stands for another than the
 * tar's; crictl knows it too, where ctr cannot show content.
 */
function containerd(question: Question): Program {
  const { namespace, names, right } = question;
  return sh`
    if ! list=$(ctr -n ${namespace} images ls 2>&1); then echo "problem $list" | tr '\n' ' '
    else
      left=${names.length} blind=
      while read -r name type digest rest; do
        case ${` ${names.join(' ')} `} in *" $name "*) ;; *) continue ;; esac
        echo "tag $name $digest $rest"
        case ${` ${right.join(' ')} `} in *" $digest "*) left=$((left-1)); continue ;; esac
        if m=$(ctr -n ${namespace} content get "$digest" 2>/dev/null </dev/null); then
          case $m in
            *'"manifests"'*) for d in $(printf %s "$m" | grep -o 'sha256:[0-9a-f]\{64\}'); do
              c=$(ctr -n ${namespace} content get "$d" 2>/dev/null </dev/null) && echo "manifest $name $c" | tr -d '\n' && echo
            done ;;
            *) echo "manifest $name $m" | tr -d '\n'; echo ;;
          esac
        else blind=1
        fi
      done <<.
    $list
    .
      [ -z "$blind" ] || { printf 'cri '; timeout 20 crictl --runtime-endpoint unix:///run/containerd/containerd.sock images -o json 2>/dev/null | tr -d '\n'; echo; }
      if [ $left -gt 0 ]; then
        ${room(containerdBlobs(question))}
      fi
    fi
  `;
}

/** Where there are several platforms to choose from. */
export const askMachine = ({ platforms }: Question): Program | false =>
  platforms && sh`echo "machine $(uname -m)"`;

/** Read-only sh that finds out what the host has. */
export function probeImages(question: Question): Program {
  return lines(askMachine(question), probeEngine(question));
}

/** The same without the machine. */
export function probeEngine(question: Question): Program {
  const { runtime } = question;
  const use = (which: Runtime, program: Program) => lines(sh`echo ${`runtime ${which}`}`, program);
  const both = {
    docker: use('docker', docker(question)),
    containerd: use('containerd', containerd(question)),
  };
  if (runtime !== 'auto') {
    const tool = runtime === 'docker' ? 'docker' : 'ctr';
    return lines(sh`if command -v ${tool} >/dev/null; then`, both[runtime], sh`fi; :`);
  }
  return lines(
    sh`if command -v docker >/dev/null; then`,
    both.docker,
    sh`elif command -v ctr >/dev/null; then`,
    both.containerd,
    sh`fi; :`,
  );
}
