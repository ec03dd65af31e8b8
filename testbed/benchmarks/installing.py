"""Installs packages into an image with PiImages, and by hand, as people do it without PiImages."""
import piimages
from measure import Row, Shell, run, timed


def by_hand(image, directory, command):
    """Returns the shell commands. If the running kernel cannot read partition tables, partx adds the partitions: one more process."""
    return [f'device=$(losetup --find --partscan --show {image})',
            '[[ -e ${device}p2 ]] || partx --add $device', f'mount ${{device}}p2 {directory}', f'mount ${{device}}p1 {directory}/boot/firmware',
            command, f'umount {directory}/boot/firmware', f'umount {directory}', 'losetup --detach $device']


class Installing(Row):
    """Installs real packages into a fresh copy of a real system, emulated, and waits until everything is on the disk."""

    goal = 0.2
    bound = 2
    most_pairs = 5
    warm_up = 0
    unit = 'ms'
    packages = 'dpkg'
    command = ''

    def prepare(self):
        self.base = piimages.copy(piimages.real(), 'base.img')
        self.directory = piimages.WORK / 'mnt'
        self.directory.mkdir(exist_ok=True)
        self.shell = Shell()
        kept = piimages.CACHE / 'bench-packages' / self.packages
        client = piimages.Client()
        mounted = client.mount(self.base)
        run('cp', '--recursive', kept, client.mount_point(mounted) + '/packages')
        client.unmount(mounted)
        # The host's tools, which are copied once for all images of a kind, are not part of the measurement.
        run('piimagesctl', 'run', self.base, '/bin/true')

    def fresh(self):
        return piimages.copy(self.base, 'install.img')

    def ours(self):
        image = self.fresh()
        return timed(self.shell.type, f'piimagesctl run {image} /bin/sh -c "{self.command}" >/dev/null 2>&1', f'sync {image}')

    def theirs(self):
        image = self.fresh()
        return timed(self.shell.type, *by_hand(image, self.directory, self.enter()), f'sync {image}')

    def enter(self):
        raise NotImplementedError

    def clean(self):
        self.shell.close()


class Nspawn(Installing):
    against = 'losetup, mounts, systemd-nspawn, umounts, losetup -d'

    def enter(self):
        return f'systemd-nspawn --quiet --directory={self.directory} /bin/sh -c "{self.command}" >/dev/null 2>&1'


class Chroot(Installing):
    against = 'losetup, mounts, chroot, umounts, losetup -d'

    def enter(self):
        mounts = [f'mount -t proc proc {self.directory}/proc', f'mount --bind /dev {self.directory}/dev']
        return ' && '.join([*mounts, f'chroot {self.directory} /bin/sh -c "{self.command}" >/dev/null 2>&1',
                            f'umount {self.directory}/dev {self.directory}/proc'])


DPKG = 'export DEBIAN_FRONTEND=noninteractive; dpkg --install /packages/*.deb'
APT = 'export DEBIAN_FRONTEND=noninteractive; apt-get install --yes --no-install-recommends -o APT::Sandbox::User=root /packages/*.deb'
