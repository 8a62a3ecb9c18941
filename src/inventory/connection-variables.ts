import { Type } from 'typebox';

const text = (description: string) => Type.String({ description });
const flag = (description: string) => Type.Boolean({ description });

/**
 * Variables that say how a host is reached. They are read by `address.ts`; here they are declared for the docs and for
 * editors. Other names that Ansible has for the same are read, too, but not offered.
 */
export const ConnectionVariables = Type.Object({
  ansible_host: text('Name or address to connect to; the name of the host by default.'),
  ansible_port: Type.Integer({
    description: 'The SSH port; 22 by default.',
    minimum: 1,
    maximum: 65535,
  }),
  ansible_user: text('The user to log in as.'),
  ansible_password: text('The password to log in with; a key is better.'),
  ansible_private_key_file: text('The private key to log in with; `~` is the home folder.'),
  ansible_connection: text('ssh (default), or local for this machine.'),
  ansible_timeout: Type.Number({ description: 'Seconds that a connection may take to come up.', minimum: 0 }),
  ansible_host_key_checking: flag('false: take the key of the host whatever it is.'),
  ansible_ssh_common_args: text('More arguments of ssh: -J, -o ProxyJump=…, -o UserKnownHostsFile=….'),
  ansible_ssh_extra_args: text('As `ansible_ssh_common_args`, read after it.'),
  ansible_become: flag('Become another user, whatever the playbook says.'),
  ansible_become_user: text('The user to become; root by default.'),
  ansible_become_method: text('sudo (default), su or doas.'),
  ansible_become_password: text("That user's password."),
  ansible_become_flags: text('More flags for the become method.'),
});
