package org.example.piimages.daemon.system;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * A small image as Raspberry Pi OS lays one out: a boot partition and a root with an fstab that mounts it. The boot partition is ext2: not
 * every kernel that tests run on has FAT. Its programs are the host's.
 */
final class DiskImage {

    static final int DISK_ID = 0x0badcafe;

    private static final int SECTOR = 512;
    private static final int BOOT_START = 2048;
    private static final int BOOT_SECTORS = 2048;
    private static final int ROOT_START = BOOT_START + BOOT_SECTORS;
    private static final int ROOT_SECTORS = 6144;

    private DiskImage() {
    }

    /** Makes one in the directory; only root can write to it, all can read it. */
    static Path make(Path directory, String name) throws IOException {
        Path image = directory.resolve(name);
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength((long) (ROOT_START + ROOT_SECTORS) * SECTOR);
            file.write(table());
        }
        format(image, bootFiles(directory), BOOT_START, BOOT_SECTORS, "bootfs");
        format(image, rootFiles(directory), ROOT_START, ROOT_SECTORS, "rootfs");
        return image;
    }

    private static byte[] table() {
        ByteBuffer table = ByteBuffer.allocate(SECTOR).order(ByteOrder.LITTLE_ENDIAN);
        table.putInt(440, DISK_ID).putShort(510, (short) 0xAA55);
        table.put(446 + 4, (byte) 0x83).putInt(446 + 8, BOOT_START).putInt(446 + 12, BOOT_SECTORS);
        table.put(462 + 4, (byte) 0x83).putInt(462 + 8, ROOT_START).putInt(462 + 12, ROOT_SECTORS);
        return table.array();
    }

    private static Path bootFiles(Path directory) throws IOException {
        Path files = Files.createDirectories(directory.resolve("boot-files"));
        Files.writeString(files.resolve("config.txt"), "arm_64bit=1\n");
        return files;
    }

    private static Path rootFiles(Path directory) throws IOException {
        Path files = Files.createDirectories(directory.resolve("root-files"));
        for (String inner : new String[] {"bin", "sbin", "etc", "boot/firmware", "root", "lib/systemd"}) {
            Files.createDirectories(files.resolve(inner));
        }
        Files.writeString(files.resolve("etc/fstab"), """
                proc /proc proc defaults 0 0
                PARTUUID=0badcafe-01 /boot/firmware ext2 defaults 0 2
                PARTUUID=0badcafe-02 / ext4 defaults 0 1
                """);
        Files.writeString(files.resolve("etc/os-release"), "VERSION_CODENAME=bookworm\n");
        Path secret = Files.writeString(files.resolve("etc/secret"), "the image's root reads this\n");
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
        Files.writeString(files.resolve("bin/text"), "no program\n");
        for (String program : new String[] {"bin/sh", "bin/true", "sbin/init"}) {
            Files.copy(Path.of("/bin/true"), files.resolve(program), StandardCopyOption.REPLACE_EXISTING);
        }
        // What tells of an init that it is systemd.
        Files.writeString(files.resolve("lib/systemd/libsystemd-shared-252.so"), "");
        return files;
    }

    private static void format(Path image, Path files, int start, int sectors, String label) throws IOException {
        Programs.run("mke2fs", "-q", "-F", "-t", label.equals("rootfs") ? "ext4" : "ext2", "-O", "^has_journal,^resize_inode", "-b", "1024",
                "-m", "0", "-L", label, "-d", files.toString(), "-E", "offset=" + (long) start * SECTOR, image.toString(),
                sectors / 2 + "k");
    }
}
