"""Runs udisks2 in the bed: unpacked from Debian's packages, with udev restricted to the loop devices of the benchmark."""
import os
import pathlib
import re
import subprocess

import dbus
import dbus.lowlevel

import partitions
from measure import run, wait_until
from piimages import CACHE, WORK

NAME = 'org.freedesktop.UDisks2'
ROOT = '/org/freedesktop/UDisks2'
FOREVER = 10 ** 6
ATTEMPTS = 10
RULES = pathlib.Path('/usr/lib/udev/rules.d')
# The rules that set the properties of a loop device that udisks2 requires, and the rules of PiImages, which hide devices from it.
RULES_KEPT = '60-block.rules', '60-persistent-storage.rules', '80-udisks2.rules', '90-piimages.rules'
UNITS = 'systemd-udevd-control.socket', 'systemd-udevd-kernel.socket', 'systemd-udevd.service'


def install():
    if pathlib.Path('/usr/libexec/udisks2/udisksd').exists():
        return
    for package in sorted((CACHE / 'udisks2').glob('*.deb')):
        content = subprocess.Popen(['dpkg-deb', '--fsys-tarfile', package], stdout=subprocess.PIPE)
        run('tar', '--extract', '--keep-directory-symlink', '--directory=/', stdin=content.stdout)
        content.stdout.close()
        content.wait()
    run('ldconfig')


def confine_udev():
    """Limits udev to loop devices over the benchmark's files, without links: /dev and the kernel's events are the whole machine's."""
    for file in RULES.iterdir():
        if file.name not in RULES_KEPT:
            file.unlink()
            continue
        text = file.read_text()
        if 'GOTO="bench_end"' in text:
            continue
        text = re.sub(r',\s*SYMLINK\+="[^"]*"', '', text)
        file.write_text('SUBSYSTEM!="block", GOTO="bench_end"\nKERNEL!="loop*", GOTO="bench_end"\n'
                        f'ATTR{{loop/backing_file}}=="*{WORK}/*", GOTO="bench_ours"\n'
                        f'ATTRS{{loop/backing_file}}=="*{WORK}/*", GOTO="bench_ours"\n'
                        f'GOTO="bench_end"\nLABEL="bench_ours"\n{text}\nLABEL="bench_end"\n')


def start():
    install()
    confine_udev()
    for unit in UNITS:
        pathlib.Path('/etc/systemd/system', unit).unlink(missing_ok=True)
    run('systemctl', 'daemon-reload')
    run('busctl', 'call', 'org.freedesktop.DBus', '/org/freedesktop/DBus', 'org.freedesktop.DBus', 'ReloadConfig')
    run('systemctl', 'start', *UNITS)
    run('systemctl', 'restart', 'udisks2.service')


def stop():
    run('systemctl', 'stop', 'udisks2.service')
    run('systemctl', 'stop', *UNITS)


class Client:
    def __init__(self):
        self.bus = dbus.SystemBus(private=True)

    def call(self, path, interface, method, signature='', *arguments):
        interface = interface if '.' in interface else f'{NAME}.{interface}'
        message = dbus.lowlevel.MethodCallMessage(NAME, path, interface, method)
        message.append(*arguments, signature=signature)
        return self.bus.send_message_with_reply_and_block(message, FOREVER).get_args_list()

    def loop_setup(self, image):
        """Retries: udisks2 fails if another process has just taken the same free device."""
        fd = os.open(image, os.O_RDWR)
        try:
            for attempt in range(ATTEMPTS):
                try:
                    return self.call(f'{ROOT}/Manager', 'Manager', 'LoopSetup', 'ha{sv}', dbus.types.UnixFd(fd),
                                     dbus.Dictionary({}, signature='sv'))[0]
                except dbus.DBusException as error:
                    if attempt == ATTEMPTS - 1 or 'resource busy' not in str(error):
                        raise
        finally:
            os.close(fd)

    def has_filesystem(self, path):
        try:
            self.call(path, 'org.freedesktop.DBus.Properties', 'Get', 'ss', f'{NAME}.Filesystem', 'MountPoints')
            return True
        except dbus.DBusException:
            return False

    def filesystem(self, path, method):
        self.call(path, 'Filesystem', method, 'a{sv}', dbus.Dictionary({}, signature='sv'))

    def loop_delete(self, path):
        self.call(path, 'Loop', 'Delete', 'a{sv}', dbus.Dictionary({}, signature='sv'))

    def cycle(self, image):
        """Performs loop-setup, mounts both partitions, unmounts both, performs loop-delete."""
        loop = self.loop_setup(image)
        name = loop.rsplit('/', 1)[1]
        partitions.add(f'/dev/{name}', image)
        both = f'{loop}p2', f'{loop}p1'
        for partition in both:
            wait_until(lambda path=partition: self.has_filesystem(path))
            self.filesystem(partition, 'Mount')
        for partition in reversed(both):
            self.filesystem(partition, 'Unmount')
        self.loop_delete(loop)

    def objects(self):
        message = dbus.lowlevel.MethodCallMessage(NAME, ROOT, 'org.freedesktop.DBus.ObjectManager', 'GetManagedObjects')
        return self.bus.send_message_with_reply_and_block(message, FOREVER)

    def close(self):
        self.bus.close()
