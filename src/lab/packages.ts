import type { DebPackage } from './deb/types.ts';

export function packages(version: string): DebPackage[] {
  return [
    {
      name: 'kubeadm',
      version: `${version}-1.1`,
      architecture: 'all',
      summary: 'x',
      files: [
        { path: '/usr/bin/kubeadm', mode: 0o755, content: '#!/bin/sh\necho v\n' },
        {
          path: '/usr/lib/systemd/system/kubelet.service',
          mode: 0o644,
          content: '[Service]\nExecStart=/bin/sleep 1000\n[Install]\nWantedBy=multi-user.target\n',
        },
      ],
      scripts: {
        postinst:
          '#!/bin/sh\nset -e\nif [ -d /run/systemd/system ]; then systemctl --system daemon-reload; deb-systemd-helper enable kubelet.service; deb-systemd-invoke start kubelet.service; fi\n',
      },
    },
  ];
}
