"""Running a command in an image."""
import piimages
from installing import APT, DPKG, Chroot, Nspawn, by_hand
from measure import Row, Shell, run, timed
from systemcalls import SystemCallProgram

COMMAND = '/bin/true'


class Warm(Row):
    """Called by a program that is already connected to the bus."""

    number = '4a'
    what = f'run {COMMAND} in a mounted image over D-Bus'
    against = 'systemd-nspawn --directory=MOUNTPOINT'
    goal = 1.1
    bound = 15

    mount_options = {}

    def prepare(self):
        self.image = piimages.copy(piimages.tiny(), 'run.img')
        self.client = piimages.Client()
        self.object = self.client.mount(self.image, **self.mount_options)
        self.directory = self.client.mount_point(self.object)
        self.shell = Shell()

    def ours(self):
        return timed(self.client.run, self.object, COMMAND)

    def theirs(self):
        return timed(self.shell.type, f'systemd-nspawn --quiet --directory={self.directory} {COMMAND}')

    def clean(self):
        self.shell.close()
        self.client.unmount(self.object)


class Typed(Warm):
    """Called from a shell; piimagesctl is a Java program, which has to start."""

    number = '4b'
    what = f'the same, piimagesctl run IMAGE {COMMAND}'

    def ours(self):
        return timed(self.shell.type, f'piimagesctl run {self.image} {COMMAND}')


class Floor(Warm):
    """The equivalent of a machine with systemd's own tools: mounts that are removed at its end, a unit, a user namespace, registration with
    machined. nspawn cannot map the owners of a root that contains mounts, so the boot partition is bind-mounted."""

    number = '4c'
    what = 'the floor: mount, mount, systemd-run systemd-nspawn --private-users=pick --bind=BOOT:/boot/firmware:idmap, umount'
    floor = True
    UNIT = 'systemd-run --quiet --wait --collect --slice=machine.slice -p Type=notify -p NotifyAccess=main -p Delegate=yes -p KillMode=mixed'

    def prepare(self):
        super().prepare()
        self.places = []
        for path in '', '/boot/firmware':
            place = piimages.WORK / f'machine{len(self.places)}'
            place.mkdir(exist_ok=True)
            self.places.append((run('findmnt', '--noheadings', '--output=SOURCE', self.directory + path).strip(), place))

    def ours(self):
        root, boot = (place for _, place in self.places)
        return timed(self.shell.type, *(f'mount {device} {place}' for device, place in self.places),
                     f'{self.UNIT} -p "ExecStopPost=umount {boot} {root}" systemd-nspawn --quiet --keep-unit --private-users=pick'
                     f' --private-users-ownership=map --directory={root} --bind={boot}:/boot/firmware:idmap {COMMAND}')


class WholeJob(Row):
    number = '5a'
    what = f'mount, run {COMMAND}, unmount: piimagesctl run IMAGE'
    against = 'losetup, mount, mount, systemd-nspawn, umount, umount, losetup -d'
    goal = 0.9
    bound = 10

    def prepare(self):
        self.image = piimages.copy(piimages.tiny(), 'run.img')
        self.directory = piimages.WORK / 'mnt'
        self.directory.mkdir(exist_ok=True)
        self.shell = Shell()

    def ours(self):
        return timed(self.shell.type, f'piimagesctl run {self.image} {COMMAND}')

    def theirs(self):
        return timed(self.shell.type, *by_hand(self.image, self.directory, f'systemd-nspawn --quiet --directory={self.directory} {COMMAND}'))

    def clean(self):
        self.shell.close()


class WholeJobFloor(WholeJob):
    """The minimum for a command line tool in Java: starting the virtual machine, the system calls that mount, and plain nspawn."""

    number = '5b'
    what = 'the floor: java -Xshare:auto printing a line, the bare system calls, systemd-nspawn'
    floor = True

    def prepare(self):
        super().prepare()
        self.program = SystemCallProgram()
        self.java = piimages.java_line()
        self.client = piimages.Client()
        mounted = piimages.copy(piimages.tiny(), 'mounted.img')
        self.object = self.client.mount(mounted)
        self.mounted = self.client.mount_point(self.object)

    def ours(self):
        mounting = self.program.cycle(self.image)
        return mounting + timed(self.shell.type, f'{self.java} >/dev/null',
                                f'systemd-nspawn --quiet --directory={self.mounted} {COMMAND}')

    def clean(self):
        super().clean()
        self.program.close()
        self.client.unmount(self.object)


class DpkgChroot(Chroot):
    number, what, command = '6a', 'dpkg -i of five packages, emulated', DPKG


class DpkgNspawn(Nspawn):
    number, what, command = '6b', 'the same', DPKG


class DpkgFloor(DpkgNspawn):
    """Only the packages' own scripts are emulated, without a machine or a client; requires a host of the same release, and trust in it."""

    number, what = '6c', 'the floor: losetup, mounts, the host\'s own dpkg --root=DIRECTORY, umounts, losetup -d'
    floor = True

    def ours(self):
        image = self.fresh()
        dpkg = f'dpkg --root={self.directory} --force-architecture --install {self.directory}/packages/*.deb >/dev/null 2>&1'
        return timed(self.shell.type, *by_hand(image, self.directory, dpkg), f'sync {image}')


class AptChroot(Chroot):
    most_pairs = 2
    number, what, command = '6d', 'apt-get install with maintainer scripts in sh and perl, emulated', APT
    packages = 'scripts'


class AptNspawn(Nspawn):
    twin = True
    most_pairs = 2
    number, what, command = '6e', 'the same', APT
    packages = 'scripts'


ROWS = [Warm, Typed, Floor, WholeJob, WholeJobFloor, DpkgChroot, DpkgNspawn, DpkgFloor, AptChroot, AptNspawn]
