package org.example.piimages.daemon.image.care;

import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.CancellationException;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.disk.PartitionTable;
import org.example.piimages.daemon.linux.RawDevice;

/**
 * A disk that gets an image. Its beginning, with the partition table, comes last: until then nobody takes the disk for more than an empty
 * one.
 */
final class Card {

    /** What comes last. Partitions rarely begin before; the first megabyte of a disk is for tables and boot code. */
    static final int HEAD = 1 << 20;
    /** Where the disk's end has what others left there: the copy of a GPT, the superblocks of RAID and ZFS. */
    private static final long TAIL = 1 << 20;

    /** What changes the disk. */
    @FunctionalInterface
    interface Change {
        void make() throws IOException;
    }

    private final RawDevice device;
    private final String node;
    private boolean isErased;

    /** The open disk of that node, for messages. */
    Card(RawDevice device, String node) {
        this.device = device;
        this.node = node;
    }

    RawDevice device() {
        return device;
    }

    /** The length in whole sectors, in bytes. */
    static long sectors(long bytes) {
        return (bytes + PartitionTable.SECTOR_SIZE - 1) / PartitionTable.SECTOR_SIZE * PartitionTable.SECTOR_SIZE;
    }

    /** What of the disk's end is behind an image of that length, and is to read as zeros. */
    ByteRange tail(long image) throws IOException {
        return new ByteRange(Math.max(sectors(image), device.size() - TAIL), device.size());
    }

    /** Takes away what the disk says it holds. From here on what was there is gone. */
    void erase() throws IOException {
        isErased = true;
        device.zero(0, Math.min(HEAD, device.size()));
        device.sync();
    }

    /** Puts the beginning on it, at most {@link #HEAD} bytes: the disk is the image's from here on. */
    void finish(byte[] head) throws IOException {
        boolean complete = false;
        try {
            device.write(0, head);
            device.sync();
            require(0, head);
            complete = true;
        } finally {
            if (!complete) {
                device.zero(0, HEAD);
            }
        }
        device.rereadPartitions();
    }

    /** Throws Failure FAILED where the disk does not read so. */
    void require(long offset, byte[] expected) throws IOException {
        byte[] found = new byte[expected.length];
        device.read(offset, found);
        int mismatch = Arrays.mismatch(expected, found);
        if (mismatch >= 0) {
            throw broken("byte " + (offset + mismatch) + " does");
        }
    }

    /** FAILED, for what reads otherwise than it was written. */
    static Failure broken(String subjectAndVerb) {
        return new Failure(Failure.Kind.FAILED,
                subjectAndVerb + " not match what was written: the card or its reader is defective, or the card is"
                        + " smaller than it reports");
    }

    /** Makes changes; when they come to no end, what is thrown says what the disk holds now. */
    void change(Change change) throws IOException {
        try {
            change.make();
        } catch (CancellationException e) {
            throw isErased ? new CancellationException("cancelled; " + remains()) : e;
        } catch (Failure e) {
            throw isErased ? new Failure(e.kind(), node + ": " + e.getMessage() + ". " + remains(), e) : e;
        } catch (IOException e) {
            throw new Failure(Failure.Kind.FAILED, "cannot write to or read from " + node + ": " + e.getMessage()
                    + (isErased ? ". " + remains() : ""), e);
        }
    }

    private String remains() {
        return node + " contains only part of the image and no partition table; write it again";
    }
}
