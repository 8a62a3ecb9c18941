// Made by `npm run generate` from the files in this folder.
import type { Module } from '../module/contract.ts';
import { assert } from './control/assert.ts';
import { command } from './control/command.ts';
import { debug } from './control/debug.ts';
import { fail } from './control/fail.ts';
import { pause } from './control/pause.ts';
import { ping } from './control/ping.ts';
import { script } from './control/script.ts';
import { setFact } from './control/set-fact.ts';
import { setup } from './control/setup.ts';
import { shell } from './control/shell.ts';
import { waitFor } from './control/wait-for.ts';
import { containerImage } from './docker/container-image.ts';
import { dockerContainer } from './docker/docker-container.ts';
import { dockerDaemon } from './docker/docker-daemon.ts';
import { dockerImage } from './docker/docker-image.ts';
import { dockerInfo } from './docker/docker-info.ts';
import { dockerPrune } from './docker/docker-prune.ts';
import { blockinfile } from './files/blockinfile.ts';
import { copy } from './files/copy.ts';
import { fetch } from './files/fetch.ts';
import { file } from './files/file.ts';
import { get_url } from './files/get-url.ts';
import { lineinfile } from './files/lineinfile.ts';
import { replace } from './files/replace.ts';
import { slurp } from './files/slurp.ts';
import { stat } from './files/stat.ts';
import { template } from './files/template.ts';
import { unarchive } from './files/unarchive.ts';
import { htpasswd } from './htpasswd/htpasswd.ts';
import { kubeadmImages } from './kubernetes/kubeadm-images.ts';
import { kubeadmInfo } from './kubernetes/kubeadm-info.ts';
import { kubeadmInit } from './kubernetes/kubeadm-init.ts';
import { kubeadmJoin } from './kubernetes/kubeadm-join.ts';
import { kubeadmReset } from './kubernetes/kubeadm-reset.ts';
import { kubeadmToken } from './kubernetes/kubeadm-token.ts';
import { kubeconfigFetch } from './kubernetes/kubeconfig-fetch.ts';
import { kubeconfig } from './kubernetes/kubeconfig.ts';
import { kubectlGet } from './kubernetes/kubectl-get.ts';
import { kubectlWait } from './kubernetes/kubectl-wait.ts';
import { kubectl } from './kubernetes/kubectl.ts';
import { preflightCompare } from './kubernetes/preflight-compare.ts';
import { preflightNetworks } from './kubernetes/preflight-networks.ts';
import { preflight } from './kubernetes/preflight.ts';
import { aptRepository } from './packages/apt-repository.ts';
import { apt } from './packages/apt.ts';
import { authorizedKey } from './system/authorized-key.ts';
import { cron } from './system/cron.ts';
import { group } from './system/group.ts';
import { hostname } from './system/hostname.ts';
import { hostsEntry } from './system/hosts-entry.ts';
import { modprobe } from './system/modprobe.ts';
import { mount } from './system/mount.ts';
import { reboot } from './system/reboot.ts';
import { swap } from './system/swap.ts';
import { sysctl } from './system/sysctl.ts';
import { systemd } from './system/systemd.ts';
import { user } from './system/user.ts';
import { x509Certificate } from './tls/x509-certificate.ts';

const all: readonly Module[] = [
  assert,
  command,
  debug,
  fail,
  pause,
  ping,
  script,
  setFact,
  setup,
  shell,
  waitFor,
  containerImage,
  dockerContainer,
  dockerDaemon,
  dockerImage,
  dockerInfo,
  dockerPrune,
  blockinfile,
  copy,
  fetch,
  file,
  get_url,
  lineinfile,
  replace,
  slurp,
  stat,
  template,
  unarchive,
  htpasswd,
  kubeadmImages,
  kubeadmInfo,
  kubeadmInit,
  kubeadmJoin,
  kubeadmReset,
  kubeadmToken,
  kubeconfigFetch,
  kubeconfig,
  kubectlGet,
  kubectlWait,
  kubectl,
  preflightCompare,
  preflightNetworks,
  preflight,
  aptRepository,
  apt,
  authorizedKey,
  cron,
  group,
  hostname,
  hostsEntry,
  modprobe,
  mount,
  reboot,
  swap,
  sysctl,
  systemd,
  user,
  x509Certificate,
];

export const modules: ReadonlyMap<string, Module> = new Map(all.map((module) => [module.name, module]));
