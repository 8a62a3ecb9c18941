import type { KubeObject } from './types.ts';

/** A kind of object that the API knows. */
export interface Resource {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
  readonly short: readonly string[];
}

const TABLE = `
v1 Namespace namespaces cluster ns
v1 Node nodes cluster no
v1 PersistentVolume persistentvolumes cluster pv
v1 Pod pods namespaced po
v1 Service services namespaced svc
v1 ConfigMap configmaps namespaced cm
v1 Secret secrets namespaced -
v1 ServiceAccount serviceaccounts namespaced sa
v1 Endpoints endpoints namespaced ep
v1 Event events namespaced ev
v1 PersistentVolumeClaim persistentvolumeclaims namespaced pvc
v1 ReplicationController replicationcontrollers namespaced rc
v1 ResourceQuota resourcequotas namespaced quota
v1 LimitRange limitranges namespaced limits
apps/v1 Deployment deployments namespaced deploy
apps/v1 ReplicaSet replicasets namespaced rs
apps/v1 DaemonSet daemonsets namespaced ds
apps/v1 StatefulSet statefulsets namespaced sts
apps/v1 ControllerRevision controllerrevisions namespaced -
batch/v1 Job jobs namespaced -
batch/v1 CronJob cronjobs namespaced cj
autoscaling/v2 HorizontalPodAutoscaler horizontalpodautoscalers namespaced hpa
networking.k8s.io/v1 Ingress ingresses namespaced ing
networking.k8s.io/v1 IngressClass ingressclasses cluster -
networking.k8s.io/v1 NetworkPolicy networkpolicies namespaced netpol
rbac.authorization.k8s.io/v1 Role roles namespaced -
rbac.authorization.k8s.io/v1 RoleBinding rolebindings namespaced -
rbac.authorization.k8s.io/v1 ClusterRole clusterroles cluster -
rbac.authorization.k8s.io/v1 ClusterRoleBinding clusterrolebindings cluster -
storage.k8s.io/v1 StorageClass storageclasses cluster sc
coordination.k8s.io/v1 Lease leases namespaced -
certificates.k8s.io/v1 CertificateSigningRequest certificatesigningrequests cluster csr
policy/v1 PodDisruptionBudget poddisruptionbudgets namespaced pdb
discovery.k8s.io/v1 EndpointSlice endpointslices namespaced -
apiextensions.k8s.io/v1 CustomResourceDefinition customresourcedefinitions cluster crd,crds
admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration validatingwebhookconfigurations cluster -
admissionregistration.k8s.io/v1 MutatingWebhookConfiguration mutatingwebhookconfigurations cluster -
apiregistration.k8s.io/v1 APIService apiservices cluster -
scheduling.k8s.io/v1 PriorityClass priorityclasses cluster pc`;

export const RESOURCES: readonly Resource[] = TABLE.trim()
  .split('\n')
  .map((line) => {
    const [apiVersion = '', kind = '', plural = '', scope, short = '-'] = line.split(' ');
    const [group, version] = groupVersion(apiVersion);
    return {
      group,
      version,
      kind,
      plural,
      namespaced: scope === 'namespaced',
      short: short === '-' ? [] : short.split(','),
    };
  });

/** `apps/v1` -> [`apps`, `v1`]; `v1` -> [``, `v1`]. */
export function groupVersion(apiVersion: string): [string, string] {
  const [a = '', b] = apiVersion.split('/');
  return b === undefined ? ['', a] : [a, b];
}

export function apiVersionOf(resource: Resource): string {
  return resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
}

/** The resources that a CustomResourceDefinition adds. */
export function customResources(definition: KubeObject): Resource[] {
  const spec = definition.spec as unknown as {
    group: string;
    scope: string;
    names: { kind: string; plural: string; shortNames?: string[] };
    versions?: { name: string; served?: boolean }[];
  };
  return (spec.versions ?? []).map((version) => ({
    group: spec.group,
    version: version.name,
    kind: spec.names.kind,
    plural: spec.names.plural,
    namespaced: spec.scope !== 'Cluster',
    short: spec.names.shortNames ?? [],
  }));
}

/** By what people type: `po`, `pod`, `pods`, `deployments.apps`, any case of the kind. */
export function findResource(word: string, all: readonly Resource[] = RESOURCES): Resource | undefined {
  const lower = word.toLowerCase();
  const [name = '', ...group] = lower.split('.');
  return all.find(
    (r) =>
      (r.plural === name || r.kind.toLowerCase() === name || r.short.includes(name)) &&
      (group.length === 0 || group.join('.') === r.group || group.join('.') === `${r.version}.${r.group}`),
  );
}

export function resourceOf(object: KubeObject, all: readonly Resource[] = RESOURCES): Resource | undefined {
  const [group, version] = groupVersion(object.apiVersion ?? '');
  return all.find(
    (r) => r.kind === object.kind && r.group === group && (r.version === version || group === 'autoscaling'),
  );
}

/** `/apis/apps/v1/namespaces/default/deployments`; the name may follow. */
export function pathOf(resource: Resource, namespace?: string, name?: string): string {
  const base =
    resource.group === '' ? `/api/${resource.version}` : `/apis/${resource.group}/${resource.version}`;
  const middle = resource.namespaced && namespace !== undefined ? `/namespaces/${namespace}` : '';
  return `${base}${middle}/${resource.plural}${name === undefined ? '' : `/${encodeURIComponent(name)}`}`;
}

/** `deployment.apps`, `pod`: how kubectl names an object in its messages. */
export function displayName(resource: Resource): string {
  const kind = resource.kind.toLowerCase();
  return resource.group === '' ? kind : `${kind}.${resource.group}`;
}
