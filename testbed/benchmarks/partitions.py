"""Adds partitions to a loop device, as losetup --partscan does if the running kernel can read partition tables."""
import array
import fcntl
import os
import pathlib
import struct

BLKPG = 0x1269
BLKPG_ADD_PARTITION = 1
# The offsets of the partitions in MiB; see testbed/images/layout.
BOOT_AT, ROOT_AT = 4, 20


def add(device, image):
    """Adds both partitions, unless the kernel has found them itself. Their device nodes exist when this returns."""
    name = pathlib.Path(device).name
    if pathlib.Path(f'/sys/block/{name}/{name}p2').exists():
        return
    size = os.stat(image).st_size
    with open(device, 'rb', buffering=0) as file:
        add_one(file, 1, BOOT_AT << 20, (ROOT_AT - BOOT_AT) << 20)
        add_one(file, 2, ROOT_AT << 20, size - (ROOT_AT << 20))


def add_one(file, number, start, length):
    # struct blkpg_partition and struct blkpg_ioctl_arg of linux/blkpg.h.
    partition = array.array('b', struct.pack('qqi64s64s4x', start, length // 512 * 512, number, b'', b''))
    argument = struct.pack('iiiP', BLKPG_ADD_PARTITION, 0, len(partition), partition.buffer_info()[0])
    fcntl.ioctl(file, BLKPG, argument)
