/*
 * Measures mounting and unmounting the two partitions of an image by bare system calls: system-calls DIRECTORY.
 * Does this once for each image named on standard input, one per line, and prints how many nanoseconds it took. Makes the system calls
 * that piimagesd makes for the image itself. The offsets of the partitions are those of testbed/images/layout; the partition table is only
 * read, as piimagesd does.
 */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <linux/mount.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static int check(long result, const char *what) {
    if (result < 0)
        err(1, "%s", what);
    return (int) result;
}

static int attach(int file, unsigned long offset, unsigned long length, char *path) {
    struct loop_config config = {.fd = file, .info = {.lo_offset = offset, .lo_sizelimit = length, .lo_flags = LO_FLAGS_AUTOCLEAR}};
    int control = check(open("/dev/loop-control", O_RDWR | O_CLOEXEC), "loop-control");
    for (;;) {
        int number = check(ioctl(control, LOOP_CTL_GET_FREE), "LOOP_CTL_GET_FREE");
        sprintf(path, "/dev/loop%d", number);
        int device = check(open(path, O_RDWR | O_CLOEXEC), path);
        if (ioctl(device, LOOP_CONFIGURE, &config) == 0) {
            close(control);
            return device;
        }
        close(device); /* another process has taken it */
    }
}

static int filesystem(const char *device) {
    int context = check(syscall(SYS_fsopen, "ext4", 1), "fsopen");
    check(syscall(SYS_fsconfig, context, FSCONFIG_SET_STRING, "source", device, 0), "source");
    check(syscall(SYS_fsconfig, context, FSCONFIG_SET_STRING, "errors", "remount-ro", 0), "errors");
    check(syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0), "create");
    int mount = check(syscall(SYS_fsmount, context, 1, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV), "fsmount");
    close(context);
    return mount;
}

static void show(int mount, const char *place) {
    check(syscall(SYS_move_mount, mount, "", AT_FDCWD, place, MOVE_MOUNT_F_EMPTY_PATH), place);
    close(mount);
}

static void cycle(const char *image, const char *directory, const char *boot) {
    unsigned char sector[4096];
    char root_device[32], boot_device[32];
    struct stat status;
    int file = check(open(image, O_RDWR | O_CLOEXEC), image);
    check(fstat(file, &status), "fstat");
    check(pread(file, sector, 512, 0), "the table");
    unsigned long boot_at = 4ul << 20, root_at = 20ul << 20;
    check(pread(file, sector, sizeof sector, boot_at), "superblock");
    check(pread(file, sector, sizeof sector, root_at), "superblock");

    int root_loop = attach(file, root_at, status.st_size - root_at, root_device);
    int root = filesystem(root_device);
    int fstab = check(openat(root, "etc/fstab", O_RDONLY | O_CLOEXEC), "fstab");
    check(read(fstab, sector, sizeof sector), "fstab");
    close(fstab);
    int boot_loop = attach(file, boot_at, root_at - boot_at, boot_device);
    show(root, directory);
    show(filesystem(boot_device), boot);
    close(boot_loop);
    close(root_loop);
    close(file);

    check(umount2(boot, 0), "umount");
    check(umount2(directory, 0), "umount");
}

int main(int count, char **words) {
    char image[4096], boot[4096];
    if (count != 2)
        errx(1, "usage: system-calls DIRECTORY");
    snprintf(boot, sizeof boot, "%s/boot/firmware", words[1]);
    setvbuf(stdout, NULL, _IOLBF, 0);
    while (fgets(image, sizeof image, stdin)) {
        struct timespec start, end;
        image[strcspn(image, "\n")] = 0;
        clock_gettime(CLOCK_MONOTONIC, &start);
        cycle(image, words[1], boot);
        clock_gettime(CLOCK_MONOTONIC, &end);
        printf("%lld\n", (end.tv_sec - start.tv_sec) * 1000000000ll + end.tv_nsec - start.tv_nsec);
    }
    return 0;
}
