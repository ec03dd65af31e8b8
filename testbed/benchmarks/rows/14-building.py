"""Building images from recipes, and their first-boot settings."""
import installing
import piimages
from measure import Row, Shell, run, timed

STEPS = 10


def recipe(name, *lines):
    path = piimages.WORK / name
    path.write_text('\n'.join(lines) + '\n', encoding='utf-8')
    return path


class TenSteps(Row):
    """The recipe creates a copy, which is complete or does not exist; the separate commands change the image itself."""

    number = '14a'
    what = f'build a recipe of {STEPS} RUN true'
    against = f'{STEPS} times piimagesctl run IMAGE true'
    goal = 0.5
    bound = 3
    most_pairs = 10
    filled = False

    def prepare(self):
        self.shell = Shell()
        large = self.filled and self.scale == 1
        self.image = piimages.filled() if large else piimages.copy(piimages.real(), 'base.img')
        self.recipe = recipe('ten.Pifile', f'FROM {self.image}', *['RUN true'] * STEPS)

    def ours(self):
        return timed(self.shell.type, f'piimagesctl build --no-cache {self.recipe} >/dev/null 2>&1')

    def theirs(self):
        return timed(self.shell.type, *[f'piimagesctl run {self.image} true'] * STEPS)

    def clean(self):
        self.shell.close()
        run('piimagesctl', 'cache', 'prune')


class Unchanged(TenSteps):
    filled = True
    number = '14b'
    what = 'the same if nothing has changed since the last build'
    against = 'cp --reflink=auto of the result'
    goal = 1.5
    bound = 15

    def prepare(self):
        super().prepare()
        run('piimagesctl', 'build', self.recipe)

    def ours(self):
        return timed(self.shell.type, f'piimagesctl build {self.recipe} >/dev/null 2>&1')

    def theirs(self):
        return timed(self.shell.type, f'cp --reflink=auto {piimages.WORK}/ten.img {piimages.WORK}/copy.img')


class Installing(installing.Chroot):
    """Both sides begin by copying the image."""

    number = '14c'
    what = 'build a recipe of apt-get install with maintainer scripts in sh and perl, emulated'
    against = 'cp, losetup, mounts, chroot, umounts, losetup -d, as pimod does'
    command = installing.APT
    packages = 'scripts'
    twin = True
    most_pairs = 2

    def prepare(self):
        super().prepare()
        self.recipe = recipe('install.Pifile', f'FROM {self.base}', f"RUN sh -c '{self.command}'")

    def ours(self):
        return timed(self.shell.type, f'piimagesctl build --no-cache {self.recipe} >/dev/null 2>&1', f'sync {piimages.WORK}/install.img')

    def theirs(self):
        image = piimages.WORK / 'theirs.img'
        return timed(self.shell.type, f'cp {self.base} {image}', *installing.by_hand(image, self.directory, self.enter()), f'sync {image}')


class Configuring(Row):
    number = '14d'
    what = 'configure an image of cloud-init: host name and SSH'
    against = 'losetup, mount, write user-data and meta-data, umount, losetup -d'
    goal = 1.5
    bound = 40

    def prepare(self):
        extra = piimages.WORK / 'extra' / 'etc'
        (extra / 'cloud').mkdir(parents=True, exist_ok=True)
        for name in 'cloud/cloud.cfg', 'rpi-issue':
            (extra / name).touch()
        self.image = piimages.copy(piimages.tiny('--extra-root', str(extra.parent)), 'configure.img')
        self.directory = piimages.WORK / 'boot'
        self.directory.mkdir(exist_ok=True)
        self.shell = Shell()

    def ours(self):
        return timed(self.shell.type, f'piimagesctl configure {self.image} --hostname=bench --ssh >/dev/null')

    def theirs(self):
        user_data = r"printf '#cloud-config\nhostname: bench\nenable_ssh: true\n'"
        return timed(self.shell.type, f'device=$(losetup --find --partscan --show {self.image})',
                     '[[ -e ${device}p2 ]] || partx --add $device', f'mount ${{device}}p1 {self.directory}',
                     f'{user_data} >{self.directory}/user-data', f'echo "instance-id: $RANDOM" >{self.directory}/meta-data',
                     f'umount {self.directory}', 'losetup --detach $device')

    def clean(self):
        self.shell.close()


ROWS = [TenSteps, Unchanged, Installing, Configuring]
