"""Mounting an image and unmounting it again, with a warm daemon."""
import partitions
import piimages
import udisks
from measure import Row, Shell, timed
from systemcalls import SystemCallProgram

class Mounting(Row):
    warm_up = 2
    cold_calls = 1000  # until the Java virtual machine has compiled the methods that are called often

    def prepare(self):
        self.image = piimages.copy(piimages.tiny(), 'mount.img')
        self.client = piimages.Client()
        for _ in range(int(self.cold_calls * self.scale)):
            self.client.cycle(self.image)

    def ours(self):
        return timed(self.client.cycle, self.image)


class ByHand(Mounting):
    number = '1a'
    what = 'mount and unmount an image over D-Bus'
    against = 'losetup, mount, mount, umount, umount, losetup -d'
    goal = 0.15
    bound = 4

    def prepare(self):
        super().prepare()
        self.directory = piimages.WORK / 'mnt'
        self.directory.mkdir(exist_ok=True)
        self.shell = Shell()

    def theirs(self):
        return timed(self.type_it)

    def type_it(self):
        device = self.shell.type(f'losetup --find --partscan --show {self.image}')[0]
        partitions.add(device, self.image)
        self.shell.type(f'mount {device}p2 {self.directory}', f'mount {device}p1 {self.directory}/boot/firmware',
                        f'umount {self.directory}/boot/firmware', f'umount {self.directory}', f'losetup --detach {device}')

    def clean(self):
        self.shell.close()


class ByHandFloor(ByHand):
    """The cost that remains without starting processes, passing messages over the bus and asking polkit."""

    number = '1b'
    what = 'the floor: the bare system calls, by a program in C'
    floor = True
    cold_calls = 0  # PiImages itself does nothing here

    def prepare(self):
        super().prepare()
        self.program = SystemCallProgram()

    def ours(self):
        return self.program.cycle(self.image)

    def clean(self):
        super().clean()
        self.program.close()


class Udisks(Mounting):
    number = '2'
    what = 'the same'
    against = 'udisks2: loop-setup, mount both, unmount both, loop-delete'
    goal = 0.3
    bound = 2

    def prepare(self):
        udisks.start()
        super().prepare()
        self.other = udisks.Client()

    def theirs(self):
        return timed(self.other.cycle, self.image)

    def clean(self):
        udisks.stop()


class SystemCalls(Mounting):
    number = '3'
    what = 'the same, in the daemon, according to its journal entries'
    against = 'the bare system calls, by a program in C'
    goal = 2
    bound = 10
    warm_up = 5

    def prepare(self):
        super().prepare()
        self.program = SystemCallProgram()
        self.journal = piimages.Journal()

    def run_pairs(self, pairs):
        """Reads the journal at the end: reading it between two cycles would evict too much from the processor's caches."""
        _, theirs = super().run_pairs(pairs)
        ended = self.journal.ended()[-2 * pairs:]
        return [(mount + unmount) / 1e6 for mount, unmount in zip(ended[::2], ended[1::2])], theirs

    def theirs(self):
        return self.program.cycle(self.image)

    def clean(self):
        self.program.close()


ROWS = [ByHand, ByHandFloor, Udisks, SystemCalls]
