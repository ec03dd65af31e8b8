package org.example.piimages.daemon.image.luks;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.disk.ByteSource;
import org.example.piimages.daemon.image.disk.Partition;
import org.example.piimages.daemon.image.system.Passphrase;
import org.example.piimages.daemon.linux.file.AvailableMemory;
import org.example.piimages.daemon.linux.file.Credentials;
import org.example.piimages.daemon.linux.file.MemoryFile;
import org.example.piimages.daemon.linux.file.OpenFile;
import org.example.piimages.daemon.linux.process.Command;
import org.example.piimages.daemon.linux.process.RunningCommand;

/**
 * Finds the key of an encrypted partition. cryptsetup(8) reads a copy of the header in memory, as a user with no other processes and
 * without a device, so that a hostile header can harm nothing but this process.
 */
public final class Luks {

    private static final String TOOL = "cryptsetup";
    private static final String PACKAGE = "cryptsetup-bin";
    /** The exit status of cryptsetup for a wrong passphrase; cryptsetup(8), "RETURN CODES". */
    private static final int NO_PERMISSION = 2;
    /** The copies of the metadata in a header of LUKS 2 have at most 4 MiB each; key slots come after them. */
    private static final long METADATA_LIMIT = 8L << 20;
    private static final int BUFFER_SIZE = 1 << 20;
    /** A header has 32 key slots at most. */
    private static final int OUTPUT_LIMIT = 64 * 1024;
    /** The time limit for collecting the status of a process that has exited already. */
    private static final Duration LIMIT = Duration.ofSeconds(10);
    /** The most memory that cryptsetup itself configures for a key slot, in bytes. */
    private static final long MEMORY_LIMIT = 1L << 30;
    static final UnlockSlots SLOTS = new UnlockSlots();

    private final ByteSource source;
    private final Partition partition;
    private final Credentials credentials = Credentials.ofUnusedId();
    /** The deadline for cryptsetup, in terms of System.nanoTime. */
    private final long end;

    /**
     * An encrypted partition of an image.
     *
     * @param timeout the time limit for cryptsetup, as a header may make it run forever
     */
    public Luks(ByteSource source, Partition partition, Duration timeout) {
        this.source = source;
        this.partition = partition;
        this.end = System.nanoTime() + timeout.toNanos();
    }

    /**
     * Finds the key.
     *
     * @return the volume with its key; empty if the passphrase matches no key slot
     * @throws Failure UNSUPPORTED when cryptsetup is not installed, the header is of a kind that is not opened, or more memory is required
     *     than there is; BUSY if other encrypted partitions are being opened all the time
     */
    public Optional<CryptVolume> open(Passphrase passphrase) throws IOException {
        if (!SLOTS.take(passphrase.account(), remainingTime())) {
            throw new Failure(Failure.Kind.BUSY, "other encrypted partitions are being opened, which takes long; try again later");
        }
        try (OpenFile header = MemoryFile.create(credentials)) {
            return open(passphrase, header);
        } finally {
            SLOTS.release(passphrase.account());
        }
    }

    private Optional<CryptVolume> open(Passphrase passphrase, OpenFile header) throws IOException {
        header.truncate(partition.length());
        long metadata = Math.min(METADATA_LIMIT, partition.length());
        copy(header, 0, metadata);
        LuksDump dump = dump(header);
        if (dump.offset() >= partition.length()) {
            throw new Failure(Failure.Kind.INVALID_IMAGE, partition.title() + " ends before its encrypted data begins: the image seems"
                    + " truncated; copy or download it again");
        }
        if (dump.memory() > Math.min(MEMORY_LIMIT, AvailableMemory.bytes())) {
            throw new Failure(Failure.Kind.UNSUPPORTED, "opening " + partition.title() + " requires " + (dump.memory() >> 20)
                    + " MiB of memory, which are not available; change that with cryptsetup luksConvertKey --pbkdf-memory");
        }
        // Do not read the metadata again: the file belongs to the user and may have changed since.
        copy(header, metadata, dump.offset());
        return key(passphrase, header).map(key -> new CryptVolume(dump, key, partition.length() - dump.offset()));
    }

    private LuksDump dump(OpenFile header) throws IOException {
        try (RunningCommand running = command(header).with("luksDump", Command.INPUT).outputToPipe().start()) {
            byte[] printed = output(running);
            RunningCommand.Ended ended = running.await(LIMIT);
            if (ended.status() != 0) {
                throw new Failure(Failure.Kind.INVALID_IMAGE, partition.title() + " is encrypted with LUKS, and its header is damaged: "
                        + ended.reason());
            }
            return LuksDump.parse(new String(printed, StandardCharsets.UTF_8));
        }
    }

    private Optional<byte[]> key(Passphrase passphrase, OpenFile header) throws IOException {
        byte[] secret = passphrase.bytes();
        // cryptsetup reads the passphrase from the same file, at the offset after the partition.
        header.write(partition.length(), secret);
        Arrays.fill(secret, (byte) 0);
        try (RunningCommand running = command(header).with("luksDump", "--batch-mode", "--dump-volume-key", "--key-file", Command.INPUT,
                "--keyfile-offset", String.valueOf(partition.length()), Command.INPUT).outputToPipe().start()) {
            byte[] printed = output(running);
            RunningCommand.Ended ended = running.await(LIMIT);
            if (ended.status() == NO_PERMISSION) {
                return Optional.empty();
            }
            ended.requireSuccess();
            return Optional.of(LuksDump.key(printed));
        }
    }

    /** Reads the output after the process has exited: a pipe's buffer is large enough for it. */
    private byte[] output(RunningCommand running) throws IOException {
        if (!running.endsWithin(remainingTime())) {
            running.kill();
            throw tooSlow();
        }
        try (InputStream output = running.output()) {
            return output.readNBytes(OUTPUT_LIMIT);
        }
    }

    private Duration remainingTime() {
        return Duration.ofNanos(Math.max(0, end - System.nanoTime()));
    }

    private Failure tooSlow() {
        return new Failure(Failure.Kind.UNSUPPORTED,
                "opening " + partition.title() + " takes too long; the key derivation of its key slots may"
                        + " be made for a faster computer, or never to end");
    }

    /** Locks protect devices that others may change and are not needed here; neither tokens nor udev are used. */
    private Command command(OpenFile header) {
        return Command.of(TOOL, PACKAGE, credentials).input(header).with("--disable-locks");
    }

    /** Copies a range of the partition to the header; blocks of zeros become holes. */
    private void copy(OpenFile header, long start, long end) throws IOException {
        for (long at = start; at < end; at += BUFFER_SIZE) {
            byte[] piece = source.bytes(partition.start() + at, (int) Math.min(BUFFER_SIZE, end - at));
            if (!Arrays.equals(piece, new byte[piece.length])) {
                header.write(at, piece);
            }
        }
    }
}
