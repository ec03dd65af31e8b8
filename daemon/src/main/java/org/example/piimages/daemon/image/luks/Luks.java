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
import org.example.piimages.daemon.linux.Command;
import org.example.piimages.daemon.linux.Credentials;
import org.example.piimages.daemon.linux.MemoryFile;
import org.example.piimages.daemon.linux.MemoryRoom;
import org.example.piimages.daemon.linux.OpenFile;
import org.example.piimages.daemon.linux.RunningCommand;

/**
 * Finds the key of an encrypted partition. cryptsetup(8) reads a copy of the header in memory, as nobody and without a device: what a
 * hostile header can do to it, it can do to nothing else.
 */
public final class Luks {

    private static final String TOOL = "cryptsetup";
    private static final String PACKAGE = "cryptsetup-bin";
    private static final Credentials NOBODY = new Credentials(65534, new int[] {65534});
    /** What cryptsetup exits with where the passphrase is wrong; cryptsetup(8), "RETURN CODES". */
    private static final int NO_PERMISSION = 2;
    /** The copies of the metadata in a header of LUKS 2 have at most 4 MiB each; key slots come after them. */
    private static final long METADATA_LIMIT = 8L << 20;
    private static final int PIECE = 1 << 20;
    /** A header has 32 key slots at most. */
    private static final int OUTPUT_LIMIT = 64 * 1024;
    /** cryptsetup makes headers that take two seconds on the computer that makes them; an old one may take a minute. */
    private static final Duration LIMIT = Duration.ofMinutes(2);

    private final ByteSource source;
    private final Partition partition;

    /** An encrypted partition of an image. */
    public Luks(ByteSource source, Partition partition) {
        this.source = source;
        this.partition = partition;
    }

    /**
     * Finds the key.
     *
     * @return empty when the passphrase is not one of its
     * @throws Failure UNSUPPORTED when cryptsetup is not installed, the header is of a kind that is not opened, or more memory is required
     *     than there is
     */
    public Optional<CryptVolume> open(Passphrase passphrase) throws IOException {
        LuksDump dump = dump();
        if (dump.offset() >= partition.length()) {
            throw new Failure(Failure.Kind.INVALID_IMAGE, partition.title() + " ends before its encrypted data begins: the image seems"
                    + " truncated; copy or download it again");
        }
        if (dump.memory() > MemoryRoom.bytes()) {
            throw new Failure(Failure.Kind.UNSUPPORTED, "opening " + partition.title() + " requires " + (dump.memory() >> 20)
                    + " MiB of memory, which are not available; change that with cryptsetup luksConvertKey --pbkdf-memory");
        }
        return key(passphrase, dump.offset()).map(key -> new CryptVolume(dump, key, partition.length() - dump.offset()));
    }

    private LuksDump dump() throws IOException {
        try (OpenFile header = header(METADATA_LIMIT);
                RunningCommand running = command(header).with("luksDump", Command.INPUT).outputToPipe().start()) {
            byte[] printed = read(running.output());
            RunningCommand.Ended ended = running.await(LIMIT);
            if (ended.status() != 0) {
                throw new Failure(Failure.Kind.INVALID_IMAGE, partition.title() + " is encrypted with LUKS, and its header is damaged: "
                        + ended.lastWords());
            }
            return LuksDump.parse(new String(printed, StandardCharsets.UTF_8));
        }
    }

    private Optional<byte[]> key(Passphrase passphrase, long headerLength) throws IOException {
        byte[] secret = passphrase.bytes();
        try (OpenFile header = header(headerLength)) {
            // cryptsetup takes the passphrase out of the same file, from behind the partition.
            header.write(partition.length(), secret);
            try (RunningCommand running = command(header).with("luksDump", "--batch-mode", "--dump-volume-key", "--key-file", Command.INPUT,
                    "--keyfile-offset", String.valueOf(partition.length()), "--keyfile-size", String.valueOf(secret.length),
                    Command.INPUT).outputToPipe().start()) {
                byte[] printed = read(running.output());
                RunningCommand.Ended ended = running.await(LIMIT);
                if (ended.status() == NO_PERMISSION) {
                    return Optional.empty();
                }
                ended.requireSuccess();
                return Optional.of(LuksDump.key(printed));
            }
        } finally {
            Arrays.fill(secret, (byte) 0);
        }
    }

    private static byte[] read(InputStream output) throws IOException {
        try (output) {
            return output.readNBytes(OUTPUT_LIMIT);
        }
    }

    /** Its locks are for devices that others could change; it asks for no token, and tells no udev. */
    private static Command command(OpenFile header) {
        return Command.of(TOOL, PACKAGE, NOBODY).input(header).with("--disable-locks");
    }

    /** A file as long as the partition, of which there is only the beginning. */
    private OpenFile header(long length) throws IOException {
        OpenFile copy = MemoryFile.create();
        boolean complete = false;
        try {
            copy.truncate(partition.length());
            long end = Math.min(length, partition.length());
            for (long at = 0; at < end; at += PIECE) {
                byte[] piece = source.bytes(partition.start() + at, (int) Math.min(PIECE, end - at));
                copy.write(at, piece);
            }
            complete = true;
            return copy;
        } finally {
            if (!complete) {
                copy.close();
            }
        }
    }
}
