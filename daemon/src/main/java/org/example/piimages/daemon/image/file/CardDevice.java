package org.example.piimages.daemon.image.file;

import java.io.Closeable;
import java.io.IOException;
import java.util.Optional;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.disk.Printable;
import org.example.piimages.daemon.image.table.PartitionTable;
import org.example.piimages.daemon.linux.block.BlockDevice;
import org.example.piimages.daemon.linux.block.DeviceUse;
import org.example.piimages.daemon.linux.block.RawDevice;
import org.example.piimages.daemon.linux.file.CallerFiles;
import org.example.piimages.daemon.linux.file.Credentials;
import org.example.piimages.daemon.linux.file.FileStatus;
import org.example.piimages.daemon.linux.file.OpenFile;
import org.example.piimages.libc.Errno;
import org.example.piimages.libc.ErrnoException;
import org.example.piimages.libc.Fd;

/** A disk that is used as an image, read or written: it is looked up by path, checked and opened. */
public final class CardDevice {

    private final BlockDevice disk;

    private CardDevice(BlockDevice disk) {
        this.disk = disk;
    }

    /**
     * Finds a disk by path; the path is resolved with the user's rights.
     *
     * @param groups the user's groups, the primary one first
     * @param pid the user's process ID; 0 if unknown
     * @throws Failure NOT_FOUND, ACCESS_DENIED; INVALID_ARGUMENT if it is not a whole disk
     */
    public static CardDevice of(String path, int uid, int[] groups, long pid) throws IOException {
        String title = Printable.path(path);
        if (!path.startsWith("/") || path.indexOf('\0') >= 0) {
            throw new Failure(Failure.Kind.INVALID_ARGUMENT, title + " is not an absolute path");
        }
        try (Fd found = CallerFiles.find(path, new Credentials(uid, groups), pid)) {
            FileStatus status = FileStatus.of(found);
            if (!status.isBlockDevice()) {
                throw new Failure(Failure.Kind.INVALID_ARGUMENT, title + " is " + status.kind() + ", not a disk; to list the disks: lsblk");
            }
            return of(status, title);
        } catch (ErrnoException e) {
            Failure.Kind kind = e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR ? Failure.Kind.NOT_FOUND
                    : e.errno() == Errno.EACCES ? Failure.Kind.ACCESS_DENIED : Failure.Kind.INVALID_ARGUMENT;
            throw new Failure(kind, "cannot find the disk " + title + ": " + e.reason(), e);
        }
    }

    /** Returns the disk of a block device file. Throws Failure INVALID_ARGUMENT for a partition. */
    static CardDevice of(FileStatus file, String title) throws IOException {
        return new CardDevice(BlockDevice.of(file).orElseThrow(() -> new Failure(Failure.Kind.INVALID_ARGUMENT, title
                + " is a partition or not a disk; specify a whole disk, as listed by lsblk")));
    }

    /** The device node and, if known, the vendor's model name in parentheses, for a message or a dialog. */
    public String title() throws IOException {
        return disk.node() + (disk.model().isEmpty() ? "" : " (" + Printable.quoted(disk.model()) + ")");
    }

    /** The device node. */
    public String node() {
        return disk.node();
    }

    /** Whether the disk is removable, as a card is. */
    public boolean isRemovable() throws IOException {
        return disk.isRemovable();
    }

    /** The block device. */
    public BlockDevice disk() {
        return disk;
    }

    private boolean hasOtherSectors() throws IOException {
        return disk.size() > 0 && disk.sectorSize() != PartitionTable.SECTOR_SIZE;
    }

    /** The reason why the disk cannot be written to, for a message that begins with its name; empty if it can. */
    public Optional<String> obstacle() throws IOException {
        if (disk.size() > 0 && !hasOtherSectors() && disk.isReadOnly()) {
            return Optional.of("is write-protected; check the switch on the side of the card, or use another card");
        }
        return obstacleToReading();
    }

    /** The reason why the disk cannot be read, like {@link #obstacle}. */
    private Optional<String> obstacleToReading() throws IOException {
        if (disk.size() == 0) {
            return Optional.of("contains no card; insert one");
        }
        if (hasOtherSectors()) {
            return Optional.of("has sectors of " + disk.sectorSize() + " bytes, and images require sectors of "
                    + PartitionTable.SECTOR_SIZE + " bytes; use another disk or card reader");
        }
        return DeviceUse.of(disk);
    }

    /**
     * Opens the disk for writing and exclusive use.
     *
     * @param size the size of the image to be written, in bytes
     * @param fixed whether a disk that is not removable is accepted
     * @param sequence the disk sequence number that the disk must have; 0 for any
     * @throws Failure BUSY, UNSUPPORTED, INVALID_ARGUMENT, NO_SPACE; the disk is unchanged then
     */
    public RawDevice open(long size, boolean fixed, long sequence) throws IOException {
        requireSame(sequence);
        requireUsable(fixed, "write to it", obstacle());
        if (size > disk.size()) {
            throw new Failure(Failure.Kind.NO_SPACE, disk.node() + " has " + disk.size() + " bytes, the image " + size
                    + "; use a larger card, or shrink the image");
        }
        return requireSameMedium(sequence, open(disk::openExclusively), device -> {});
    }

    /**
     * Opens the disk for reading; nobody else can write to it or mount it meanwhile.
     *
     * @param fixed whether a disk that is not removable is accepted
     * @throws Failure BUSY, UNSUPPORTED, INVALID_ARGUMENT
     */
    public RawDevice openForReading(boolean fixed) throws IOException {
        requireUsable(fixed, "read it", obstacleToReading());
        return open(disk::openExclusivelyForReading);
    }

    private void requireUsable(boolean fixed, String what, Optional<String> obstacle) throws IOException {
        if (!fixed && !disk.isRemovable() && disk.size() > 0) {
            throw new Failure(Failure.Kind.INVALID_ARGUMENT, disk.node() + " is not removable, so it is probably not a card; an"
                    + " administrator can " + what + " with the option not-removable");
        }
        requireNo(obstacle);
    }

    private void requireNo(Optional<String> obstacle) throws IOException {
        if (obstacle.isPresent()) {
            throw new Failure(hasOtherSectors() ? Failure.Kind.UNSUPPORTED : Failure.Kind.BUSY, disk.node() + " " + obstacle.get());
        }
    }

    private void requireSame(long sequence) throws IOException {
        if (sequence != 0 && sequence != disk.diskSequence()) {
            throw new Failure(Failure.Kind.BUSY, disk.node() + " is no longer the same disk; check the device and try again");
        }
    }

    /**
     * Opens the disk for reading, even if it is in use.
     *
     * @throws Failure BUSY if there is no card in the reader; UNSUPPORTED
     */
    OpenFile openShared() throws IOException {
        return open(disk::openForReading);
    }

    /**
     * Opens the disk so that nobody else can mount it or write to it while the file, or a loop device over it, is open.
     *
     * @param sequence the disk sequence number that the disk must have; 0 for any
     * @throws Failure BUSY, UNSUPPORTED
     */
    OpenFile claim(boolean readOnly, long sequence) throws IOException {
        requireSame(sequence);
        requireNo(readOnly ? obstacleToReading() : obstacle());
        return requireSameMedium(sequence, open(() -> disk.openForUse(readOnly)), file -> {
            // A shared lock, as udev takes it: the exclusive one is for programs that change the partition table.
            if (!file.lock(false)) {
                throw new Failure(Failure.Kind.BUSY, disk.node() + " is locked by another program; see: lslocks");
            }
        });
    }

    /**
     * Opens the disk to change its partition table although the daemon itself uses it.
     *
     * @param sequence the disk sequence number that the disk must have; 0 for any
     */
    OpenFile openForChange(long sequence) throws IOException {
        requireSame(sequence);
        return requireSameMedium(sequence, open(disk::openForChange), file -> {});
    }

    /** A step between opening a disk and returning it. */
    @FunctionalInterface
    private interface Preparation<T> {
        void accept(T open) throws IOException;
    }

    /** Checks the sequence again, as the kernel detects a changed medium on open. Closes the disk if it changed or preparation fails. */
    private <T extends Closeable> T requireSameMedium(long sequence, T open, Preparation<T> preparation) throws IOException {
        boolean complete = false;
        try {
            requireSame(sequence);
            preparation.accept(open);
            complete = true;
            return open;
        } finally {
            if (!complete) {
                open.close();
            }
        }
    }

    /** A way to open a disk. */
    @FunctionalInterface
    private interface Opening<T> {
        T open() throws IOException;
    }

    private <T> T open(Opening<T> opening) throws IOException {
        try {
            return opening.open();
        } catch (ErrnoException e) {
            throw switch (e.errno()) {
                case Errno.EBUSY -> new Failure(Failure.Kind.BUSY,
                        disk.node() + " is in use, perhaps by a mount in another namespace, or by"
                                + " another program that writes to it",
                        e);
                case Errno.ENOMEDIUM -> new Failure(Failure.Kind.BUSY, disk.node() + " contains no card", e);
                case Errno.ENXIO, Errno.ENODEV, Errno.ENOENT -> new Failure(Failure.Kind.NOT_FOUND, disk.node() + " was removed", e);
                case Errno.EPERM -> new Failure(Failure.Kind.UNSUPPORTED,
                        disk.node() + " is of a type that piimagesd is not allowed to open; see"
                                + " DeviceAllow= in piimagesd.service",
                        e);
                case Errno.EROFS -> new Failure(Failure.Kind.BUSY, disk.node() + " is write-protected", e);
                default -> new Failure(Failure.Kind.FAILED, "cannot open " + disk.node() + ": " + e.reason(), e);
            };
        }
    }
}
