"""What there is: mounts, loop devices, machines, units, binfmt_misc entries, and files of PiImages. For the tests of faults."""
import os
import subprocess
import time

import dbus

RUN = '/run/piimages'
BINFMT = '/proc/sys/fs/binfmt_misc'
BINFMT_KEPT = '/etc/binfmt.d'
ROOT_OFFSET = 20 << 20  # of the tiny images; see images/layout


# Files may have any name, also those that another bed attaches beside this one.
TEXT = {'encoding': 'utf-8', 'errors': 'surrogateescape'}


def mounts():
    with open('/proc/self/mountinfo', **TEXT) as table:
        targets = [line.split()[4] for line in table]
    return {f'mount {target}' for target in targets if not target.startswith(('/run/user/', '/run/credentials/'))}


def loops(folder):
    """Loop devices over files of that folder."""
    found = set()
    for device in os.listdir('/sys/block'):
        try:
            with open(f'/sys/block/{device}/loop/backing_file', **TEXT) as backing:
                file = backing.read().strip()
        except OSError:
            continue
        if file.startswith(folder):
            found.add(f'loop device over {file}')
    return found


def files(top):
    """Names below a folder, without looking into what is mounted there."""
    found = set()
    for folder, below, names in os.walk(top):
        found.update(f'file {folder}/{name}' for name in names + below)
        below[:] = [name for name in below if not os.path.ismount(f'{folder}/{name}')]
    return found


def units(bus):
    manager = bus.get_object('org.freedesktop.systemd1', '/org/freedesktop/systemd1', introspect=False)
    listed = manager.ListUnitsByPatterns(dbus.Array([], 's'), ['piimages-*'], dbus_interface='org.freedesktop.systemd1.Manager')
    return {f'unit {unit[0]}' for unit in listed}


def machines(bus):
    manager = bus.get_object('org.freedesktop.machine1', '/org/freedesktop/machine1', introspect=False)
    return {f'machine {machine[0]}' for machine in manager.ListMachines(dbus_interface='org.freedesktop.machine1.Manager')}


def present(bus, folder):
    return (mounts() | loops(folder) | files(RUN) | files(folder) | units(bus) | machines(bus)
            | {f'binfmt {name}' for name in os.listdir(BINFMT)} | files(BINFMT_KEPT))


def await_present(bus, folder, wanted, seconds):
    """Waits until there is what is wanted and nothing else. What differs then; empty when nothing does."""
    end = time.monotonic() + seconds
    while True:
        now = present(bus, folder)
        if now == wanted:
            return ''
        if time.monotonic() > end:
            return ', '.join(sorted([f'+ {name}' for name in now - wanted] + [f'- {name}' for name in wanted - now]))
        time.sleep(0.01)


def damage(image):
    """What is wrong with an image: e2fsck of its root, and whether the files are there. Empty when nothing is."""
    check = subprocess.run(['e2fsck', '-fn', f'{image}?offset={ROOT_OFFSET}'], capture_output=True, text=True, check=False)
    if check.returncode:
        return f'e2fsck of {image}: {check.stdout[-500:]}'
    listed = subprocess.run(['debugfs', '-R', 'cat /etc/fstab', f'{image}?offset={ROOT_OFFSET}'], capture_output=True, text=True, check=False)
    return '' if 'PARTUUID' in listed.stdout else f'{image} has lost its files'
