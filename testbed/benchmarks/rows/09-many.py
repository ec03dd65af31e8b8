"""Two hundred images at once."""
import time

import piimages
import udisks
from measure import Row, run, timed, wait_until
from systemcalls import SystemCallProgram

MANY = 200
BLOCK = 5   # pairs that are measured each time all images are mounted


class Many(Row):
    warm_up = 0

    def prepare(self):
        self.mounted = []
        self.count = int(MANY * self.scale)
        image = piimages.copy(piimages.tiny(), 'many.img')
        self.images = [piimages.copy(image, f'many-{number}.img') for number in range(self.count)]
        self.client = piimages.Client()
        for _ in range(self.count):
            self.client.cycle(image)

    def mount_all(self, images):
        self.mounted = [self.client.mount(image) for image in images]
        # PID 1 processes all these mounts asynchronously, on the processor that is to be measured.
        time.sleep(2)

    def unmount_all(self):
        while self.mounted:
            self.client.unmount(self.mounted.pop())

    def run_pairs(self, pairs):
        """Runs the pairs in blocks: mounting the other images takes longer than what is timed."""
        ours, theirs = [], []
        while len(ours) < pairs:
            block = min(BLOCK, pairs - len(ours))
            ours += self.many(block)
            theirs += self.others(block)
        return ours, theirs

    def clean(self):
        self.unmount_all()
        for image in self.images:
            image.unlink()


class LastMounted(Many):
    number = '9a'
    what = f'mount and unmount one more image with {MANY - 1} mounted'
    against = 'the same with none mounted'
    goal = 1.2
    bound = 6

    def many(self, times):
        self.mount_all(self.images[1:])
        figures = self.others(times)
        self.unmount_all()
        return figures

    def others(self, times):
        return [timed(self.client.cycle, self.images[0]) for _ in range(times)]


class LastMountedFloor(LastMounted):
    """Only the time that the kernel takes, and PID 1 in reaction to each change of the mounts."""

    number = '9b'
    what = f'the floor: the bare system calls, by a program in C, with {MANY - 1} mounted'
    floor = True

    def prepare(self):
        super().prepare()
        self.program = SystemCallProgram()

    def others(self, times):
        return [self.program.cycle(self.images[0]) for _ in range(times)]

    def clean(self):
        super().clean()
        self.program.close()


class Objects(Many):
    number = '10'
    what = f'GetManagedObjects with {MANY} images'
    against = f'GetManagedObjects of udisks2 with {MANY} loop devices'
    goal = 1
    bound = 10

    def prepare(self):
        udisks.start()
        super().prepare()
        self.other = udisks.Client()

    def many(self, times):
        # The loop devices of PiImages, two for each image, would be objects of udisks2, too.
        udisks.stop()
        self.mount_all(self.images)
        figures = self.timed(self.client, times)
        self.unmount_all()
        return figures

    def others(self, times):
        udisks.start()
        loops = [self.other.loop_setup(image) for image in self.images]
        figures = self.timed(self.other, times)
        for loop in loops:
            self.other.loop_delete(loop)
        return figures

    @staticmethod
    def timed(client, times):
        client.objects()
        return [timed(client.objects) for _ in range(times)]

    def clean(self):
        super().clean()
        udisks.stop()


ROWS = [LastMounted, LastMountedFloor, Objects]
