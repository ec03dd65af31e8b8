"""A D-Bus client of PiImages with an existing connection, and images for its calls."""
import json
import os
import pathlib
import shutil
import subprocess

import dbus
import dbus.lowlevel

from measure import run

SERVICE = 'org.example.PiImages'
ROOT = '/org/example/PiImages'
FOREVER = 10 ** 6
ENDED = '4e5a7d0be1c94a6fb6a2c8f1d3970b84'
TESTBED = pathlib.Path(__file__).resolve().parent.parent
CACHE = pathlib.Path(os.environ['PIIMAGES_CACHE'])
WORK = pathlib.Path(os.environ['PIIMAGES_WORK']) / 'bench'
FILLED_SIZE = '2600M'
FILLED_BYTES = 1500 << 20


def options(**named):
    names = {name.replace('_', '-'): value for name, value in named.items()}
    return dbus.Dictionary(names, signature='sv')


class Client:
    def __init__(self):
        self.bus = dbus.SystemBus(private=True)

    def call(self, path, interface, method, signature='', *arguments):
        """Calls a method by a plain message: without introspection or a proxy."""
        message = dbus.lowlevel.MethodCallMessage(SERVICE, path, interface if '.' in interface else f'{SERVICE}.{interface}', method)
        message.append(*arguments, signature=signature)
        return self.bus.send_message_with_reply_and_block(message, FOREVER).get_args_list()

    def mount(self, image, **named):
        return self.call(ROOT, 'Manager', 'MountImage', 'sa{sv}', str(image), options(**named))[0]

    def unmount(self, path):
        self.call(path, 'Image', 'Unmount', 'a{sv}', options())

    def cycle(self, image):
        self.unmount(self.mount(image))

    def run(self, path, *command):
        """Runs a command in a mounted image."""
        status = self.call(path, 'Image', 'Run', 'asa{sv}', dbus.Array(command, signature='s'), options())[0]
        if status:
            raise RuntimeError(f'{command}: status {status}')

    def mount_point(self, path):
        return self.call(path, 'org.freedesktop.DBus.Properties', 'Get', 'ss', f'{SERVICE}.Image', 'MountPoint')[0]

    def objects(self):
        """Calls GetManagedObjects; the answer is received but not parsed, since parsing is the client's work."""
        message = dbus.lowlevel.MethodCallMessage(SERVICE, ROOT, 'org.freedesktop.DBus.ObjectManager', 'GetManagedObjects')
        return self.bus.send_message_with_reply_and_block(message, FOREVER)

    def job(self, method, signature, *arguments):
        """Starts a job and waits until it has ended; returns its result."""
        return self.call(self.call(ROOT, 'Manager', method, signature, *arguments)[0], 'Job', 'Wait')[0]

    def ping(self):
        self.call(ROOT, 'org.freedesktop.DBus.Peer', 'Ping')

    def close(self):
        self.bus.close()


def daemon_pid():
    return int(run('systemctl', 'show', '--property=MainPID', '--value', 'piimagesd.service'))


def pristine(kind, *words):
    """The path of an image made by testbed/images, which must not be changed."""
    return pathlib.Path(run(TESTBED / 'images' / kind, *words).strip())


def tiny(*words):
    return pristine('tiny', 'armhf', '--boot-fs', 'ext4', *words)


def real():
    return pristine('real', '--boot-fs', 'ext4', '--dangling-resolv-conf')


def copy(image, name):
    """A sparse copy to work with, on a real disk, completely written back."""
    WORK.mkdir(exist_ok=True)
    target = WORK / name
    run('cp', '--sparse=always', image, target)
    run('sync', '--file-system', target)
    return target


def filled():
    """An image as large as Raspberry Pi OS Lite, filled with programs of the host, which compress like those of a real image."""
    target = WORK / 'filled.img'
    if not target.exists():
        copy(real(), target.name)
        run('piimagesctl', 'grow', target, FILLED_SIZE)
        directory = pathlib.Path(run('piimagesctl', 'mount', target).strip(), 'filled')
        directory.mkdir()
        fill(directory, FILLED_BYTES)
        run('piimagesctl', 'umount', target)
        run('sync', '--file-system', target)
    return target


def fill(directory, left):
    """Fills a directory with programs of the host, up to this number of bytes."""
    files = (file for file in sorted(pathlib.Path('/usr').rglob('*')) if file.is_file() and not file.is_symlink())
    for number, file in enumerate(files):
        left -= file.stat().st_size
        if left < 0:
            break
        shutil.copyfile(file, directory / str(number))


def java_line():
    """A command line that starts a minimal Java program, which prints a line."""
    WORK.mkdir(exist_ok=True)
    source = WORK / 'Line.java'
    source.write_text('class Line { public static void main(String[] words) { System.out.println("a line"); } }\n')
    run('javac', '-d', WORK, source)
    return f'java -Xshare:auto -cp {WORK} Line'


class Journal:
    """The durations of calls, from the journal entries that the daemon writes when they end."""

    def __init__(self):
        self.cursor = ''
        self.ended()

    def ended(self):
        """Returns the microseconds of each call that has ended since the previous invocation."""
        run('journalctl', '--sync')
        since = [f'--after-cursor={self.cursor}'] if self.cursor else ['--lines=1']
        output = subprocess.run(['journalctl', '--output=json', *since, f'MESSAGE_ID={ENDED}'], capture_output=True, text=True,
                              check=True).stdout
        entries = [json.loads(line) for line in output.splitlines()]
        if entries:
            self.cursor = entries[-1]['__CURSOR']
        return [int(entry['PIIMAGES_MICROSECONDS']) for entry in entries]
