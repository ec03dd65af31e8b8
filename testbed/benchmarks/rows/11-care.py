"""Operations on whole images."""
import contextlib
import json
import pathlib
import re
import shutil

import partitions
import piimages
from measure import Row, Shell, run, timed

GIB = 1 << 30


class Care(Row):
    most_pairs = 10
    warm_up = 0

    filled = False  # True if the start of a client would dominate with a small image

    def prepare(self):
        self.shell = Shell()
        self.image = piimages.filled() if self.filled and self.scale == 1 else piimages.copy(piimages.real(), 'care.img')

    def clean(self):
        self.shell.close()

    def remove(self, *names):
        """Removes the files and syncs, so that the next copy does not wait for the previous one."""
        for name in names:
            pathlib.Path(piimages.WORK, name).unlink(missing_ok=True)
        run('sync', '--file-system', piimages.WORK)

    def path(self, name):
        return piimages.WORK / name


class Grow(Care):
    number = '11a'
    what = 'grow an image from 2 to 8 GiB'
    against = 'truncate, sfdisk, losetup, e2fsck, resize2fs, losetup -d'
    goal = 1.0
    bound = 30
    most_pairs = 20

    def prepare(self):
        self.shell = Shell()
        self.image = piimages.copy(piimages.tiny('--root-size', '2000'), 'care.img')

    def ours(self):
        image = piimages.copy(self.image, 'grow.img')
        return timed(self.shell.type, f'piimagesctl grow {image} 8G >/dev/null 2>&1')

    def theirs(self):
        image = piimages.copy(self.image, 'grow.img')
        return timed(self.shell.type, *self.by_hand(image))

    @staticmethod
    def by_hand(image):
        start = partitions.ROOT_AT << 20
        return [f'truncate --size=8G {image}', f'echo ", +" | sfdisk --quiet --no-reread --no-tell-kernel -N 2 {image}',
                f'device=$(losetup --find --show --offset={start} {image})', 'e2fsck -f -p $device >/dev/null',
                'resize2fs $device >/dev/null 2>&1', 'losetup --detach $device', f'sync {image}']


class GrowOverBus(Grow):
    """Called by a program that is already connected to the bus."""

    number = '11b'
    what = 'the same over D-Bus'

    def prepare(self):
        super().prepare()
        self.client = piimages.Client()

    def ours(self):
        image = piimages.copy(self.image, 'grow.img')
        return timed(self.client.job, 'GrowImage', 'sta{sv}', str(image), 8 * GIB, piimages.options())


class GrowFloor(Grow):
    """The same tools, applied to a copy that replaces the image: a power failure at any time leaves the old or the new image."""

    number = '11c'
    what = 'the floor: cp, the same on the copy, sync, mv'
    floor = True

    def ours(self):
        image = piimages.copy(self.image, 'grow.img')
        return timed(self.shell.type, f'cp --sparse=always {image} {image}.new', *self.by_hand(f'{image}.new'), f'mv {image}.new {image}')


class Unpacking(Care):
    goal = 1.0
    bound = 30

    def prepare(self):
        super().prepare()
        self.packed = self.path(f'packed.img.{self.suffix}')
        run('sh', '-c', f'{self.packer} <{self.image} >{self.packed}')

    def ours(self):
        self.remove('unpacked.img')
        return timed(self.shell.type, f'piimagesctl unpack {self.packed} {self.path("unpacked.img")} >/dev/null 2>&1')

    def theirs(self):
        self.remove('unpacked.img')
        return timed(self.shell.type, f'{self.unpacker} {self.packed} | dd of={self.path("unpacked.img")} bs=1M iflag=fullblock conv=sparse,fsync'
                     ' status=none')


class UnpackXz(Unpacking):
    number = '12a'
    what = 'unpack an .xz'
    against = 'xz -dc | dd conv=sparse,fsync'
    suffix, packer, unpacker = 'xz', 'xz -T0 -1', 'xz -dc'


class UnpackZst(Unpacking):
    filled = True
    number = '12b'
    what = 'unpack a .zst'
    against = 'zstd -dc | dd conv=sparse,fsync'
    suffix, packer, unpacker = 'zst', 'zstd -q -T0', 'zstd -q -dc'


class Packing(Care):
    goal = 1.0
    bound = 30

    def ours(self):
        self.remove(f'packed.img.{self.suffix}')
        return timed(self.shell.type, f'piimagesctl pack {self.image} {self.path("packed.img." + self.suffix)} >/dev/null 2>&1')

    def theirs(self):
        self.remove(f'packed.img.{self.suffix}')
        packed = self.path('packed.img.' + self.suffix)
        return timed(self.shell.type, f'{self.packer} {self.image} >{packed}', f'sync {packed}')


class PackXz(Packing):
    number, what, against, suffix, packer = '12c', 'pack as .xz', 'xz -T0', 'xz', 'xz -T0 -c'
    twin = True
    most_pairs = 3


class PackZst(Packing):
    filled = True
    most_pairs = 5
    number, what, against, suffix, packer = '12d', 'pack as .zst', 'zstd -T0 -9', 'zst', 'zstd -q -T0 -9 -c'


class PackOverBus(PackZst):
    """Called by a program that is already connected to the bus."""

    number, what = '12e', 'the same over D-Bus'

    def prepare(self):
        super().prepare()
        self.client = piimages.Client()

    def ours(self):
        self.remove(f'packed.img.{self.suffix}')
        arguments = str(self.image), str(self.path('packed.img.' + self.suffix)), piimages.options()
        return timed(self.client.job, 'PackImage', 'ssa{sv}', *arguments)


class Write(Care):
    """A loop device stands in for the card."""

    number = '12f'
    what = 'write to a device and verify'
    against = 'dd conv=fsync, drop the device\'s cache, cmp'
    goal = 1.0
    bound = 30

    def prepare(self):
        super().prepare()
        card = self.path('card')
        # No holes: all blocks of a card are allocated.
        run('fallocate', f'--length={self.image.stat().st_size}', card)
        self.card = run('losetup', '--find', '--show', card).strip()
        self.client = piimages.Client()

    def ours(self):
        arguments = str(self.image), self.card, piimages.options(not_removable=True)
        return timed(self.client.job, 'WriteImage', 'ssa{sv}', *arguments)

    def theirs(self):
        return timed(self.shell.type, f'dd if={self.image} of={self.card} bs=4M conv=fsync status=none',
                     f'blockdev --flushbufs {self.card}', f'cmp --bytes={self.image.stat().st_size} {self.image} {self.card}')

    def clean(self):
        super().clean()
        run('losetup', '--detach', self.card)


class Read(Care):
    """A loop device stands in for a used card: it still contains the data of deleted files."""

    number = '12g'
    what = 'read the blocks in use of a device, packed as .zst, and verify'
    against = 'dd bs=4M | zstd -T0 -9, sync'
    filled = True
    most_pairs = 5
    read_options = {}

    def prepare(self):
        super().prepare()
        card = self.path('used-card')
        run('cp', '--sparse=never', self.image, card)
        self.use(card)
        self.card = run('losetup', '--find', '--show', card).strip()
        self.client = piimages.Client()
        self.goal = round(1.2 * self.part_in_use(), 2)
        self.bound = 4 * self.goal

    def use(self, card):
        """Fills the card with files, and deletes these and three of four existing ones; in the image of a short run, the programs."""
        directory = pathlib.Path(run('piimagesctl', 'mount', card).strip())
        old = directory / 'old'
        old.mkdir()
        with contextlib.suppress(OSError):  # the filesystem is full
            piimages.fill(old, self.image.stat().st_size)
        run('sync', '--file-system', old)
        shutil.rmtree(old)
        files = sorted((directory / 'filled').glob('*')) or [file for file in (directory / 'usr/bin').iterdir() if not file.is_symlink()]
        for number, file in enumerate(files):
            if number % 4:
                file.unlink()
        run('piimagesctl', 'umount', card)

    def part_in_use(self):
        """Asks the filesystem's own tool, so that a backup that reads too much does not shift its own goal."""
        free = 0
        for partition in json.loads(run('sfdisk', '--json', self.image))['partitiontable']['partitions']:
            output = run('dumpe2fs', '-h', f'{self.card}?offset={partition["start"] * 512}')
            free += int(re.search(r'^Free blocks: +(\d+)', output, re.M)[1]) * int(re.search(r'^Block size: +(\d+)', output, re.M)[1])
        return 1 - free / self.image.stat().st_size

    def drop_cache(self):
        """Drops the cache of the device, so that neither side profits from what the other has read; returns the path of the backup."""
        packed = self.path('read.img.zst')
        self.remove(packed.name)
        run('blockdev', '--flushbufs', self.card)
        return packed

    def ours(self):
        arguments = self.card, str(self.drop_cache()), piimages.options(not_removable=True, **self.read_options)
        return timed(self.client.job, 'ReadDevice', 'ssa{sv}', *arguments)

    def theirs(self):
        packed = self.drop_cache()
        return timed(self.shell.type, f'dd if={self.card} bs=4M status=none | zstd -q -T0 -9 >{packed}', f'sync {packed}')

    def clean(self):
        super().clean()
        run('losetup', '--detach', self.card)
        self.remove('used-card', 'read.img.zst')


class ReadOnce(Read):
    """Neither side compares."""

    twin = True
    number, what = '12h', 'the same without verifying'
    read_options = {'no_verify': True}


class WritePacked(Write):
    number = '12i'
    what = 'write an .xz to a device in one pass, and verify'
    against = 'unpack it to a file, write that to the device, and verify'
    goal = 0.7
    bound = 4
    most_pairs = 5

    def prepare(self):
        super().prepare()
        # Shrunk, as images are published.
        run('piimagesctl', 'shrink', self.image)
        self.packed = self.path('packed.img.xz')
        run('sh', '-c', f'xz -T0 -1 <{self.image} >{self.packed}')
        run('sync', '--file-system', piimages.WORK)

    def write(self, image):
        self.client.job('WriteImage', 'ssa{sv}', str(image), self.card, piimages.options(not_removable=True))

    def ours(self):
        return timed(self.write, self.packed)

    def theirs(self):
        self.remove('unpacked.img')
        return timed(self.unpack_and_write)

    def unpack_and_write(self):
        unpacked = self.path('unpacked.img')
        self.client.job('UnpackImage', 'ssa{sv}', str(self.packed), str(unpacked), piimages.options())
        self.write(unpacked)

    def clean(self):
        super().clean()
        self.remove('packed.img.xz', 'unpacked.img')


class WritePackedByHand(WritePacked):
    number = '12j'
    what = 'the same'
    against = 'xz -dc | dd conv=fsync, drop the device\'s cache, xz -dc | cmp'
    goal = 0.8

    def theirs(self):
        return timed(self.shell.type, f'xz -dc {self.packed} | dd of={self.card} bs=4M iflag=fullblock conv=fsync status=none',
                     f'blockdev --flushbufs {self.card}', f'xz -dc {self.packed} | cmp --bytes={self.image.stat().st_size} - {self.card}')


ROWS = [Grow, GrowOverBus, GrowFloor, UnpackXz, UnpackZst, PackXz, PackZst, PackOverBus, Write, Read, ReadOnce, WritePacked,
        WritePackedByHand]
