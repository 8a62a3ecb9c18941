import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { renderFile } from '../src/expression/template.ts';
import { roleScope } from './kit/role-scope.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

const documented = readFileSync(`${root}docs/cluster-variables.md`, 'utf8');
const defaults = readFileSync(`${root}playbooks/roles/cluster/defaults/main.yml`, 'utf8');

it('every variable that may be set is in the table', () => {
  const [settable = ''] = defaults.split('# Worked out from the above');
  const names = Object.keys(parse(settable) as object).filter((name) => name !== 'kubernetes_minor');
  expect(names.filter((name) => !documented.includes(`\`${name}\``))).toEqual([]);
});

const variables = {
  cluster_name: 'lab',
  kubernetes_version: '1.34.1',
  image_repository: 'registry.k8s.io',
  pod_cidr: '10.244.0.0/16',
  service_cidr: '10.96.0.0/12',
  dns_domain: 'cluster.local',
  control_plane_endpoint: 'lb:6443',
  api_port: 6443,
  apiserver_cert_sans: ['lb', '203.0.113.7'],
  kubeadm_extra_cluster: { controllerManager: { extraArgs: [{ name: 'v', value: '2' }] } },
  kubeadm_extra_init: { timeouts: { controlPlaneComponentHealthCheck: '6m' } },
  kubelet_config: { maxPods: 200 },
  kube_proxy_config: { mode: 'nftables' },
  node_name: 'n1',
  node_ip: '10.0.0.11',
  advertise_address: '10.0.0.11',
  node_taints: [{ key: 'gpu', effect: 'NoSchedule' }],
  control_plane_taint: true,
  kubelet_extra_args: { v: '4' },
  image_pull_policy: 'IfNotPresent',
  cri_socket: 'unix:///run/containerd/containerd.sock',
  pause_image: 'registry.k8s.io/pause:3.10.1',
  cri_dockerd_path: '/usr/bin/cri-dockerd',
  kernel_modules: ['overlay', 'br_netfilter'],
  sysctls: { 'net.ipv4.ip_forward': '1' },
  flannel_image: 'flannel:1',
  flannel_cni_plugin_image: 'plugin:1',
  mirror: { registry: 'docker.io', endpoints: ['http://10.0.0.5:5000'] },
};

function render(name: string, more: Record<string, unknown> = {}): string {
  const path = `${root}templates/${name}`;
  const text = renderFile({ path, text: readFileSync(path, 'utf8') }, roleScope({ ...variables, ...more }));
  expect(typeof text).toBe('string');
  return text as string;
}

const documents = (text: string) =>
  parseAllDocuments(text).map((document) => {
    expect(document.errors).toEqual([]);
    return document.toJS() as Record<string, Record<string, unknown>>;
  });

describe('templates', () => {
  it('kubeadm v1beta4 holds everything that can be set', () => {
    const [init, cluster, kubelet, proxy] = documents(render('kubeadm/init-v1beta4.yaml.hbs'));
    expect(init).toEqual({
      apiVersion: 'kubeadm.k8s.io/v1beta4',
      kind: 'InitConfiguration',
      localAPIEndpoint: { advertiseAddress: '10.0.0.11', bindPort: 6443 },
      nodeRegistration: {
        name: 'n1',
        criSocket: 'unix:///run/containerd/containerd.sock',
        imagePullPolicy: 'IfNotPresent',
        taints: [
          { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' },
          { key: 'gpu', effect: 'NoSchedule' },
        ],
        kubeletExtraArgs: [
          { name: 'node-ip', value: '10.0.0.11' },
          { name: 'v', value: '4' },
        ],
      },
      timeouts: { controlPlaneComponentHealthCheck: '6m' },
    });
    expect(cluster).toMatchObject({
      kind: 'ClusterConfiguration',
      clusterName: 'lab',
      kubernetesVersion: 'v1.34.1',
      controlPlaneEndpoint: 'lb:6443',
      networking: { podSubnet: '10.244.0.0/16', serviceSubnet: '10.96.0.0/12', dnsDomain: 'cluster.local' },
      apiServer: { certSANs: ['lb', '203.0.113.7'] },
      controllerManager: { extraArgs: [{ name: 'v', value: '2' }] },
    });
    expect(kubelet).toMatchObject({ kind: 'KubeletConfiguration', cgroupDriver: 'systemd', maxPods: 200 });
    expect(proxy).toMatchObject({ kind: 'KubeProxyConfiguration', mode: 'nftables' });
  });

  it('kubeadm v1beta3 has flags as a map', () => {
    const [init, cluster] = documents(render('kubeadm/init-v1beta3.yaml.hbs'));
    expect(init?.['nodeRegistration']?.['kubeletExtraArgs']).toEqual({ 'node-ip': '10.0.0.11', v: '4' });
    expect(cluster?.['apiVersion']).toBe('kubeadm.k8s.io/v1beta3');
  });

  it('kubeadm says nothing of what is not set', () => {
    const bare = {
      control_plane_endpoint: '',
      apiserver_cert_sans: [],
      kubeadm_extra_cluster: {},
      kubeadm_extra_init: {},
      kubelet_config: {},
      kube_proxy_config: {},
      node_taints: [],
      kubelet_extra_args: {},
    };
    const parts = documents(render('kubeadm/init-v1beta4.yaml.hbs', bare));
    expect(parts.map((part) => part['kind'])).toEqual([
      'InitConfiguration',
      'ClusterConfiguration',
      'KubeletConfiguration',
    ]);
    expect(parts[1]).not.toHaveProperty('controlPlaneEndpoint');
    expect(parts[0]?.['nodeRegistration']?.['taints']).toEqual([
      { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' },
    ]);
    const open = documents(render('kubeadm/init-v1beta4.yaml.hbs', { ...bare, control_plane_taint: false }));
    expect(open[0]?.['nodeRegistration']?.['taints']).toEqual([]);
  });

  it('files of the system', () => {
    expect(render('system/modules-load.conf.hbs').split('\n').slice(1)).toEqual([
      'overlay',
      'br_netfilter',
      '',
    ]);
    expect(render('system/sysctl.conf.hbs')).toContain('\nnet.ipv4.ip_forward = 1\n');
    expect(parse(render('system/crictl.yaml.hbs'))).toEqual({
      'runtime-endpoint': 'unix:///run/containerd/containerd.sock',
      'image-endpoint': 'unix:///run/containerd/containerd.sock',
      timeout: 10,
    });
  });

  it('files of the container runtimes', () => {
    expect(render('docker/cri-docker.conf.hbs')).toMatch(
      /^ExecStart=\nExecStart=\/usr\/bin\/cri-dockerd .*pause:3\.10\.1$/m,
    );
    expect(render('containerd/config-v1.toml.hbs')).toMatch(
      /^ {2}sandbox_image = "registry.k8s.io\/pause:3.10.1"$/m,
    );
    const second = render('containerd/config-v2.toml.hbs');
    expect(second).toMatch(/^version = 3$/m);
    expect(second).toMatch(/^ {4}sandbox = 'registry.k8s.io\/pause:3.10.1'$/m);
    expect(render('containerd/hosts.toml.hbs')).toContain('server = "https://docker.io"\n');
    expect(render('containerd/hosts.toml.hbs')).toContain('[host."http://10.0.0.5:5000"]');
  });

  it('a registry, with and without what can be left out', () => {
    const bare = {
      registry_endpoint: 'r.lan:5000',
      registry_port: 5000,
      registry_data: '/srv/a b',
      registry_delete: false,
      registry_folder: '/etc/r',
      registry_certs: '/etc/containerd/certs.d',
      registry_tls: false,
      registry_users: [],
      registry_settings: {},
    };
    const users = [{ name: 'ci', password: 'secret' }];
    const whole = {
      ...bare,
      registry_tls: true,
      registry_users: users,
      registry_settings: { proxy: { remoteurl: 'https://registry-1.docker.io' } },
    };
    const [plain] = documents(render('registry/config.yml.hbs', bare));
    expect(plain).toMatchObject({
      version: 0.1,
      storage: { filesystem: { rootdirectory: '/srv/a b' }, delete: { enabled: false } },
      http: { addr: ':5000' },
    });
    expect(Object.keys(plain!)).not.toContain('auth');
    expect(plain!['http']).not.toHaveProperty('tls');
    expect(documents(render('registry/config.yml.hbs', whole))[0]).toMatchObject({
      http: { tls: { certificate: '/etc/r/tls.crt', key: '/etc/r/tls.key' } },
      auth: { htpasswd: { realm: 'registry', path: '/etc/r/htpasswd' } },
      proxy: { remoteurl: 'https://registry-1.docker.io' },
    });
    expect(render('containerd/registry.toml.hbs', bare)).toContain('\n[host."http://r.lan:5000"]\n');
    expect(render('containerd/registry.toml.hbs', bare)).not.toMatch(/ca =|header/);
    expect(render('containerd/registry.toml.hbs', whole)).toContain(`
[host."https://r.lan:5000"]
  capabilities = ["pull", "resolve", "push"]
  ca = "/etc/containerd/certs.d/r.lan:5000/ca.crt"

[host."https://r.lan:5000".header]
  Authorization = "Basic ${Buffer.from('ci:secret').toString('base64')}"
`);
  });

  it('the network of Pods', () => {
    const objects = documents(render('network/flannel.yaml.hbs'));
    expect(objects.map((object) => object['kind'])).toEqual([
      'Namespace',
      'ServiceAccount',
      'ClusterRole',
      'ClusterRoleBinding',
      'ConfigMap',
      'DaemonSet',
    ]);
    const data = objects[4]?.['data'] as Record<string, string>;
    expect(JSON.parse(data['net-conf.json']!)).toMatchObject({ Network: '10.244.0.0/16' });
    expect(JSON.parse(data['cni-conf.json']!)).toMatchObject({ name: 'cbr0' });
  });
});
