"""Malicious images: a tiny image with unexpected objects at paths at which systemd-nspawn, systemd or PiImages expect files.

Made by debugfs, without root privileges. The same random numbers result in the same image.
"""
import subprocess

# The offset of the tiny images' root partition; see images/layout.
ROOT_OFFSET = 20 << 20

# The paths in an image that PiImages, systemd-nspawn and systemd mount over, read, write or start.
PLACES = ('/run', '/run/host', '/run/systemd', '/run/systemd/nspawn', '/dev', '/dev/pts', '/dev/shm', '/dev/console', '/dev/net', '/proc', '/sys',
          '/tmp', '/etc', '/etc/os-release', '/etc/fstab', '/etc/resolv.conf', '/etc/localtime', '/etc/machine-id', '/etc/hostname',
          '/etc/hosts', '/etc/ld.so.preload', '/etc/passwd', '/etc/group', '/etc/shadow', '/etc/systemd', '/etc/systemd/system',
          '/etc/initramfs-tools', '/etc/timezone', '/usr', '/usr/lib', '/usr/lib/os-release', '/usr/lib/systemd', '/usr/sbin',
          '/usr/sbin/policy-rc.d', '/usr/libexec/qemu-binfmt', '/boot', '/boot/firmware', '/var', '/var/log', '/var/log/journal', '/var/tmp',
          '/var/lib/dpkg/status', '/root', '/home', '/mnt', '/bin', '/bin/sh', '/sbin', '/sbin/init', '/lib', '/lib/systemd/systemd')

# The targets of links that should not be followed. NAME is the machine's name; /evil is in the image.
TARGETS = ('/etc', '../../../../../../../../etc', '/root', '/run/systemd/system', '/proc/1/root/etc', '/proc/self/root', '/proc/self/cwd',
           '/proc/self/fd/3', '/usr/local', '/var/tmp/roots', '/home/alice', '/run/piimages', '/run/piimages/images',
           '/run/piimages/machines/NAME/root/NAME/evil', '/var/run/piimages/machines/NAME/root/evil', '/run/host', '/var/run', '.', '..', '/',
           'nowhere', '/evil', '/evil/host')

# In /evil of each image: names to which nspawn and systemd write, as links to files of the host that do not exist or belong to root.
TRAPS = {'container-manager': '/etc/trap-manager', 'container-uuid': '/etc/trap-uuid', 'os-release': '/etc/trap-os', 'machine-id': '/etc/trap-id',
         'resolv.conf': '/etc/trap-resolv', 'console': '/etc/trap-console', 'propagate': '/etc/trap-propagate', 'incoming': '/etc/issue',
         'notify': '/etc/trap-notify', 'init': '/etc/trap-init', 'null': '/etc/issue.net', 'pts': '/var/tmp/trap-pts'}


def debugfs(image, lines):
    """Runs each command; errors are ignored."""
    subprocess.run(['/sbin/debugfs', '-w', '-f', '-', f'{image}?offset={ROOT_OFFSET}'], input='\n'.join(lines).encode() + b'\n', check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def split_path(path):
    """Returns the command that changes to the directory, and the name in it: debugfs creates some objects only in its current directory."""
    directory, _, name = path.rpartition('/')
    return f'cd {directory or "/"}', name


def parents(path):
    parts = path.strip('/').split('/')[:-1]
    return [f'mkdir /{"/".join(parts[:count + 1])}' for count in range(len(parts))]


class Change:
    """Replaces a file or directory by another object. The old one remains in the same directory as NAME.was."""

    def __init__(self, random, place, empty, machine):
        self.place, self.empty, self.machine = place, empty, machine
        self.kind = random.choice(('link', 'link', 'link', 'loop', 'pipe', 'socket', 'character', 'block', 'file', 'huge', 'directory', 'deep', 'link-in',
                                   'setuid', 'nothing', 'mode', 'owner'))
        self.target = random.choice(TARGETS).replace('NAME', machine)
        self.number = random.choice((0, 0o777, 0o111, 0o4777, 1000, 65534, 2 ** 31))

    def __str__(self):
        what = {'link': f'a link to {self.target}', 'link-in': f'a directory whose names are links to {self.target}',
                'mode': f'mode {self.number & 0o7777:o}', 'owner': f'owner {self.number}'}
        return f'{self.place}: {what.get(self.kind, self.kind)}'

    def lines(self):
        """The commands for debugfs."""
        go, name = split_path(self.place)
        make = {
            'link': [f'symlink {name} {self.target}'],
            'loop': [f'symlink {name} {name}'],
            'pipe': [f'mknod {name} p'],
            'socket': [f'write {self.empty} {name}', f'sif {name} mode 0140666'],
            'character': [f'mknod {name} c 1 5'],
            'block': [f'mknod {name} b 7 0'],
            'file': [f'write {self.empty} {name}'],
            'huge': [f'write {self.empty} {name}', f'sif {name} size 1099511627776'],
            'directory': [f'mkdir {name}', f'sif {name} mode 040000'],
            'deep': [line for _ in range(60) for line in (f'mkdir {name}', f'cd {name}')],
            'link-in': [f'mkdir {name}', f'cd {name}'] + [f'symlink {one} {self.target}/{one}' for one in TRAPS],
            'setuid': [f'write {self.empty} {name}', f'sif {name} mode 0106777'],
            'nothing': [],
        }
        if self.kind in ('mode', 'owner'):
            field = ('mode', f'0{0o40000 | self.number & 0o7777:o}') if self.kind == 'mode' else ('uid', str(self.number))
            return [go, f'sif {name} {field[0]} {field[1]}', 'cd /']
        was = [f'ln {self.place} {self.place}.was', f'unlink {self.place}']
        return parents(self.place) + was + [go] + make[self.kind] + ['cd /']


def choose_files(random):
    """Chooses files that are too large, or whose content is invalid for their path. Returns a map of paths to contents."""
    return random.choice((
        {}, {}, {},
        {'/etc/fstab': b''.join(b'PARTUUID=7069696d-01 /%d ext4 defaults 0 0\n' % number for number in range(10000))},
        {'/etc/fstab': b'PARTUUID=7069696d-01 %s ext4 defaults 0 0\n' % random.choice((
            b'/run', b'/dev', b'/proc', b'/etc', b'/', b'/usr', b'/var/log/journal', b'/run/host', b'/tmp', b'/evil/host', b'/bin', b'/../etc'))},
        {'/etc/fstab': b'PARTUUID=7069696d-02 / ext4 defaults 0 0\nPARTUUID=7069696d-01 /a ext4 x 0 0\nPARTUUID=7069696d-01 /a/b ext4 x 0 0\n'},
        {'/etc/os-release': b'VERSION_CODENAME=\x1b[2J\nID=' + b'a' * 70000 + b'\nPRETTY_NAME="$(touch /etc/trap-name)\x9b"\n'},
        {'/etc/passwd': b'root:x:0:0:\x1b]0;x\x07:/evil/host:/evil/host/init\nx:x:4294967295:4294967295::/:/bin/sh\n'},
        {'/etc/passwd': b'root:x:0:0::/:/bin/sh\n' * 20000},
        {'/etc/ld.so.preload': b'/evil/host/init\n\0\xff' * 100},
        {'/etc/resolv.conf': b'\0' * 70000},
        {'/etc/machine-id': b'uninitialized\n'},
    ))


def change_at_random(random, image, machine, directory):
    """Changes the image at random. Returns a line of text for each change."""
    empty = f'{directory}/empty'
    with open(empty, 'wb'):
        pass
    lines = ['mkdir /evil', 'mkdir /evil/host'] + [f'symlink /evil/host/{name} {target}' for name, target in TRAPS.items()]
    descriptions = []
    for place, content in choose_files(random).items():
        with open(f'{directory}/text', 'wb') as file:
            file.write(content)
        go, name = split_path(place)
        lines += [go, f'rm {name}', f'write {directory}/text {name}', 'cd /']
        descriptions.append(f'{place}: {content[:60]!a}, {len(content)} bytes')
    for place in random.sample(PLACES, random.choice((0, 1, 1, 1, 2, 2, 3, 5))):
        change = Change(random, place, empty, machine)
        lines += change.lines()
        descriptions.append(str(change))
    debugfs(image, lines)
    return descriptions
