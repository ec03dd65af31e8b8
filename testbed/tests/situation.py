"""The state of the system, for the fault tests: mounts, loop devices, machines, units, binfmt_misc entries, and PiImages' files."""
import os
import subprocess
import time

import dbus

RUN = '/run/piimages'
BINFMT = '/proc/sys/fs/binfmt_misc'
BINFMT_KEPT = '/etc/binfmt.d'
ROOT_OFFSET = 20 << 20  # of the tiny images; see images/layout


# File names may contain any bytes, including those of files that another bed attaches.
TEXT = {'encoding': 'utf-8', 'errors': 'surrogateescape'}


def mounts():
    with open('/proc/self/mountinfo', **TEXT) as table:
        targets = [line.split()[4] for line in table]
    return {f'mount {target}' for target in targets if not target.startswith(('/run/user/', '/run/credentials/'))}


def loops(directory):
    """The loop devices backed by files in that directory."""
    found = set()
    for device in os.listdir('/sys/block'):
        try:
            with open(f'/sys/block/{device}/loop/backing_file', **TEXT) as backing:
                file = backing.read().strip()
        except OSError:
            continue
        if file.startswith(directory):
            found.add(f'loop device over {file}')
    return found


def files(top):
    """The names below a directory, without descending into mounts."""
    found = set()
    for directory, below, names in os.walk(top):
        found.update(f'file {directory}/{name}' for name in names + below)
        below[:] = [name for name in below if not os.path.ismount(f'{directory}/{name}')]
    return found


def units(bus):
    manager = bus.get_object('org.freedesktop.systemd1', '/org/freedesktop/systemd1', introspect=False)
    listed = manager.ListUnitsByPatterns(dbus.Array([], 's'), ['piimages-*'], dbus_interface='org.freedesktop.systemd1.Manager')
    return {f'unit {unit[0]}' for unit in listed}


def machines(bus):
    manager = bus.get_object('org.freedesktop.machine1', '/org/freedesktop/machine1', introspect=False)
    return {f'machine {machine[0]}' for machine in manager.ListMachines(dbus_interface='org.freedesktop.machine1.Manager')}


def present(bus, directory):
    return (mounts() | loops(directory) | files(RUN) | files(directory) | units(bus) | machines(bus)
            | {f'binfmt {name}' for name in os.listdir(BINFMT)} | files(BINFMT_KEPT))


def await_present(bus, directory, wanted, seconds):
    """Waits until the state equals the wanted one. Returns the remaining differences as text; empty if there are none."""
    end = time.monotonic() + seconds
    while True:
        now = present(bus, directory)
        if now == wanted:
            return ''
        if time.monotonic() > end:
            return ', '.join(sorted([f'+ {name}' for name in now - wanted] + [f'- {name}' for name in wanted - now]))
        time.sleep(0.01)


def damage(image):
    """Describes the damage to an image: errors that e2fsck finds in its root, or missing files; empty if there is none."""
    check = subprocess.run(['e2fsck', '-fn', f'{image}?offset={ROOT_OFFSET}'], capture_output=True, text=True, check=False)
    if check.returncode:
        return f'e2fsck of {image}: {check.stdout[-500:]}'
    listed = subprocess.run(['debugfs', '-R', 'cat /etc/fstab', f'{image}?offset={ROOT_OFFSET}'], capture_output=True, text=True, check=False)
    return '' if 'PARTUUID' in listed.stdout else f'{image} has lost its files'
