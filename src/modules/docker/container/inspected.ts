/** The parts of `docker inspect` that matter here; the Engine leaves some out, or says null. */
type Fields = Readonly<Record<string, unknown>>;

export interface Health {
  readonly Status: string;
  readonly Log?: readonly { readonly ExitCode: number; readonly Output: string }[] | null;
}

interface ContainerState {
  readonly Status?: string;
  readonly Running: boolean;
  readonly Paused?: boolean;
  readonly Restarting?: boolean;
  readonly ExitCode?: number;
  readonly Error?: string;
  readonly Health?: Health | null;
}

export interface Endpoint {
  readonly IPAMConfig?: { readonly IPv4Address?: string; readonly IPv6Address?: string } | null;
  readonly Aliases?: readonly string[] | null;
}

export interface Container {
  readonly Id: string;
  readonly Name: string;
  /** The id of its image. */
  readonly Image: string;
  readonly State: ContainerState;
  readonly Config: Fields;
  readonly HostConfig: Fields;
  readonly NetworkSettings: { readonly Networks?: Readonly<Record<string, Endpoint>> | null };
}

export interface Image {
  readonly Id: string;
  readonly RepoDigests?: readonly string[] | null;
  readonly Config?: Fields | null;
}
