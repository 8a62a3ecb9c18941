import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FLANNEL, type LabHost, withRuntime } from './kit.ts';

let host: LabHost;
const kubectl = (...args: string[]) => host.run('kubectl', args);
const withInput = (input: string, ...args: string[]) => host.run('kubectl', args, { input });

beforeAll(async () => {
  host = await withRuntime();
  const done = host.run('kubeadm', [
    'init',
    '--kubernetes-version=v1.34.1',
    '--pod-network-cidr=10.244.0.0/16',
  ]);
  expect(done.code).toBe(0);
  kubectl('taint', 'nodes', host.name, 'node-role.kubernetes.io/control-plane-');
  withInput(FLANNEL, 'apply', '-f', '-');
  expect(kubectl('wait', '--for=condition=Ready', `node/${host.name}`, '--timeout=30s').code).toBe(0);
}, 90_000);
afterAll(() => host?.stop());

const WEB = (image: string) => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: '${image}', ports: [{containerPort: 80}]}]}
`;

describe('apply and diff', { timeout: 40_000 }, () => {
  it('creates, then finds nothing to do', () => {
    expect(withInput(WEB('nginx:1.27'), 'diff', '-f', '-').code).toBe(1);
    expect(withInput(WEB('nginx:1.27'), 'apply', '-f', '-').stdout).toBe('deployment.apps/web created\n');
    expect(withInput(WEB('nginx:1.27'), 'apply', '-f', '-').stdout).toBe('deployment.apps/web unchanged\n');
    expect(withInput(WEB('nginx:1.27'), 'diff', '-f', '-')).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('shows what would change and changes nothing', () => {
    const { code, stdout } = withInput(WEB('nginx:1.28'), 'diff', '-f', '-');
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /^diff -u -N \/\S+\/apps\.v1\.Deployment\.default\.web \/\S+\/apps\.v1\.Deployment\.default\.web$/m,
    );
    expect(stdout).toMatch(/^-.*image: nginx:1\.27$/m);
    expect(stdout).toMatch(/^\+.*image: nginx:1\.28$/m);
    expect(withInput(WEB('nginx:1.28'), 'apply', '--dry-run=server', '-f', '-').stdout).toBe(
      'deployment.apps/web configured (server dry run)\n',
    );
    expect(
      kubectl('get', 'deploy', 'web', '-o', 'jsonpath={.spec.template.spec.containers[0].image}').stdout,
    ).toBe('nginx:1.27');
  });

  it('applies on the side of the server, and finds nothing to do', () => {
    const labels = `{apiVersion: v1, kind: Node, metadata: {name: ${host.name}, labels: {rack: a}}}`;
    const flags = ['--server-side', '--field-manager', 'x', '--force-conflicts', '-f', '-'];
    expect(withInput(labels, 'diff', ...flags).code).toBe(1);
    expect(withInput(labels, 'apply', ...flags).stdout).toBe(`node/${host.name} serverside-applied\n`);
    expect(withInput(labels, 'diff', ...flags)).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(withInput(FLANNEL, 'apply', ...flags).code).toBe(0);
    expect(withInput(FLANNEL, 'diff', ...flags).stdout).toBe('');
    expect(
      kubectl(
        'get',
        'node',
        host.name,
        '-o',
        'jsonpath={.metadata.labels.rack}{.metadata.labels.kubernetes\\.io/os}',
      ).stdout,
    ).toBe('alinux');
  });

  it('takes away a field that was applied and is gone', () => {
    const map = (data: string) => `{apiVersion: v1, kind: ConfigMap, metadata: {name: m}, data: ${data}}`;
    withInput(map('{a: "1", b: "2"}'), 'apply', '-f', '-');
    expect(withInput(map('{a: "1"}'), 'apply', '-f', '-').stdout).toBe('configmap/m configured\n');
    expect(JSON.parse(kubectl('get', 'cm', 'm', '-o', 'json').stdout).data).toEqual({ a: '1' });
  });

  it('knows a kind only when its definition is there', () => {
    const object = '{apiVersion: example.com/v1, kind: Widget, metadata: {name: w}}';
    expect(withInput(object, 'apply', '-f', '-').stderr).toBe(
      'error: resource mapping not found for name: "w" namespace: "" from "STDIN": no matches for kind "Widget" in version "example.com/v1"\nensure CRDs are installed first\n',
    );
    const names = '{kind: Widget, plural: widgets}';
    withInput(
      `{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: widgets.example.com}, spec: {group: example.com, scope: Namespaced, names: ${names}, versions: [{name: v1, served: true}]}}`,
      'apply',
      '-f',
      '-',
    );
    expect(withInput(object, 'apply', '-f', '-').stdout).toBe('widget.example.com/w created\n');
    expect(kubectl('get', 'widgets', '-o', 'name').stdout).toBe('widget.example.com/w\n');
  });
});

describe('workloads', { timeout: 40_000 }, () => {
  it('become ready by themselves, roll to a new image and back', () => {
    expect(kubectl('rollout', 'status', 'deployment/web', '--timeout=20s').stdout).toContain(
      'deployment "web" successfully rolled out\n',
    );
    expect(kubectl('get', 'deploy', 'web', '--no-headers').stdout).toMatch(/^web +2\/2 +2 +2 /);
    expect(kubectl('set', 'image', 'deployment/web', 'web=nginx:1.28').stdout).toBe(
      'deployment.apps/web image updated\n',
    );
    expect(kubectl('rollout', 'status', 'deploy', 'web', '--timeout=20s').code).toBe(0);
    expect(kubectl('rollout', 'history', 'deploy/web').stdout).toMatch(/^1 +<none>\n2 +<none>$/m);
    expect(kubectl('rollout', 'undo', 'deploy/web').stdout).toBe('deployment.apps/web rolled back\n');
    expect(kubectl('rollout', 'status', 'deploy/web', '--timeout=20s').code).toBe(0);
    expect(
      kubectl('get', 'deploy/web', '-o', 'jsonpath={.spec.template.spec.containers[0].image}').stdout,
    ).toBe('nginx:1.27');
  });

  it('scale, and have endpoints behind a service', () => {
    expect(kubectl('scale', 'deploy/web', '--replicas=3').stdout).toBe('deployment.apps/web scaled\n');
    expect(
      kubectl('wait', '--for=jsonpath={.status.readyReplicas}=3', 'deploy/web', '--timeout=20s').code,
    ).toBe(0);
    expect(kubectl('expose', 'deployment', 'web', '--port=80').stdout).toBe('service/web exposed\n');
    expect(kubectl('wait', '--for=create', 'endpoints/web', '--timeout=20s').code).toBe(0);
    expect(
      kubectl('wait', '--for=jsonpath={.subsets[0].addresses[2].ip}', 'endpoints/web', '--timeout=20s').code,
    ).toBe(0);
  });

  it('a job completes with its output, or fails', () => {
    expect(kubectl('create', 'job', 'hello', '--image=busybox', '--', 'echo', 'hello').stdout).toBe(
      'job.batch/hello created\n',
    );
    expect(kubectl('wait', '--for=condition=complete', 'job/hello', '--timeout=20s').stdout).toBe(
      'job.batch/hello condition met\n',
    );
    expect(kubectl('logs', 'job/hello').stdout).toBe('hello\n');
  });

  it('exec answers with the exit code of the command', () => {
    const name = kubectl('get', 'pods', '-l', 'app=web', '-o', 'jsonpath={.items[0].metadata.name}').stdout;
    expect(kubectl('exec', name, '--', 'hostname').stdout).toBe(`${name}\n`);
    expect(kubectl('exec', name, '--', 'sh', '-c', 'exit 3')).toMatchObject({
      code: 3,
      stderr: 'command terminated with exit code 3\n',
    });
  });
});

describe('get and the errors', () => {
  it('forms: json, list, name, custom columns, jsonpath', () => {
    const node = JSON.parse(kubectl('get', 'node', host.name, '-o', 'json').stdout);
    expect(node).toMatchObject({ kind: 'Node', status: { nodeInfo: { kubeletVersion: 'v1.34.1' } } });
    expect(JSON.parse(kubectl('get', 'nodes', '-o', 'json').stdout)).toMatchObject({
      kind: 'List',
      items: [{ metadata: { name: host.name } }],
    });
    expect(
      kubectl(
        'get',
        'no',
        '-o',
        'custom-columns=N:.metadata.name,S:.status.conditions[?(@.type=="Ready")].status',
      ).stdout,
    ).toBe(`N       S\n${host.name}   True\n`);
    const range =
      '{range .items[*]}{.metadata.name}{"\\t"}{.status.addresses[?(@.type=="InternalIP")].address}{"\\n"}{end}';
    expect(kubectl('get', 'nodes', '-o', `jsonpath=${range}`).stdout).toBe(`${host.name}\t${host.address}\n`);
  });

  it('says not found as the real one, or nothing when told so', () => {
    expect(kubectl('get', 'pod', 'nope')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'Error from server (NotFound): pods "nope" not found\n',
    });
    expect(kubectl('get', 'pod', 'nope', '--ignore-not-found', '-o', 'json')).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    });
    expect(kubectl('get', 'nonsense').stderr).toBe(
      'error: the server doesn\'t have a resource type "nonsense"\n',
    );
    expect(kubectl('get', 'secrets').stderr).toBe('No resources found in default namespace.\n');
  });

  it('labels, taints and cordons, and knows when there is nothing to do', () => {
    expect(kubectl('label', 'node', host.name, 'zone=a').stdout).toBe(`node/${host.name} labeled\n`);
    expect(kubectl('label', 'node', host.name, 'zone=b').stderr).toBe(
      "error: 'zone' already has a value (a), and --overwrite is false\n",
    );
    expect(kubectl('label', 'node', host.name, 'zone-').stdout).toBe(`node/${host.name} unlabeled\n`);
    expect(kubectl('taint', 'node', host.name, 'k=v:NoSchedule').stdout).toBe(`node/${host.name} tainted\n`);
    expect(kubectl('taint', 'node', host.name, 'k:NoSchedule-').stdout).toBe(`node/${host.name} untainted\n`);
    expect(kubectl('cordon', host.name).stdout).toBe(`node/${host.name} cordoned\n`);
    expect(kubectl('uncordon', host.name).stdout).toBe(`node/${host.name} uncordoned\n`);
    expect(kubectl('uncordon', host.name).stdout).toBe(`node/${host.name} already uncordoned\n`);
  });

  it('a kubeconfig that is not there means localhost', () => {
    const { code, stderr } = host.run('kubectl', ['get', 'nodes'], { env: { KUBECONFIG: '/nowhere' } });
    expect(code).toBe(1);
    expect(stderr).toContain(
      'The connection to the server localhost:8080 was refused - did you specify the right host or port?',
    );
  });

  it('readyz, version and the mark of the simulation', () => {
    expect(kubectl('get', '--raw', '/readyz').stdout).toBe('ok');
    const version = kubectl('version', '-o', 'json');
    expect(JSON.parse(version.stdout).serverVersion.gitVersion).toBe('v1.34.1+slipway-lab');
    expect(version.stderr).toContain('simulated Kubernetes');
  });
});
