import { type Static, Type } from 'typebox';

const port = Type.Union([Type.String(), Type.Integer()]);
const texts = (description: string) => Type.Optional(Type.Array(Type.String(), { description }));

const network = Type.Object(
  {
    name: Type.String({ description: 'The name of the network.' }),
    ipv4_address: Type.Optional(Type.String({ description: 'Its address there.' })),
    ipv6_address: Type.Optional(Type.String()),
    aliases: texts('More names of it there.'),
  },
  { additionalProperties: false },
);

export type Network = Static<typeof network>;

export const networkParams = {
  published_ports: Type.Optional(
    Type.Array(port, {
      description:
        '`8080:80`, `127.0.0.1:8080:80`, `53:53/udp`, ranges; `80` alone for any port of the host.',
    }),
  ),
  publish_all_ports: Type.Optional(
    Type.Boolean({ description: 'Publish all exposed ports at any ports of the host.' }),
  ),
  exposed_ports: Type.Optional(
    Type.Array(port, { description: 'Ports that it listens at, besides those of the image.' }),
  ),
  network_mode: Type.Optional(
    Type.String({ description: '`bridge`, `host`, `none`, `container:NAME`, or the name of a network.' }),
  ),
  networks: Type.Optional(
    Type.Array(network, {
      description:
        'The networks that it is in; the first one in place of the default one. It is connected while it runs. ' +
        '`comparisons: {networks: strict}` disconnects it from others.',
    }),
  ),
  dns_servers: texts('Its name servers.'),
  dns_search_domains: texts('Its search domains.'),
  dns_opts: texts('Options of its resolver.'),
  etc_hosts: Type.Optional(
    Type.Record(Type.String(), Type.String(), {
      description: 'Names and addresses for its /etc/hosts; `host-gateway` is the host.',
    }),
  ),
};
