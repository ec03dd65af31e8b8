package org.example.piimages.daemon.image.disk;

import java.util.Objects;

/**
 * A partition as described by its table.
 *
 * @param number as Linux numbers it: 1 to 4 for MBR primaries, from 5 for MBR logicals, the entry's index plus one for GPT; 0 stands for
 *     the whole file where there is no table
 * @param start the first byte, from the beginning of the file
 * @param length the length in bytes, more than zero
 * @param type as blkid prints PART_ENTRY_TYPE: {@code 0xc} for an MBR type byte, a lower-case GUID for GPT, empty without a table
 * @param uuid the PARTUUID as Linux makes it: disk id and number in hexadecimal, {@code 1234abcd-02}, for MBR; the lower-case GUID of the
 *     entry for GPT; empty without a table
 * @param label the GPT partition name, otherwise empty; untrusted text that must be escaped before display, see {@link Printable}
 * @param active MBR's boot flag, or GPT's attribute 2, "legacy BIOS bootable"
 * @param entryOffset the byte in the file where its table entry lies (16 bytes in an MBR or EBR, usually 128 in a GPT), for who is to
 *     rewrite its size and nothing else; -1 without a table
 */
public record Partition(int number, long start, long length, String type, String uuid, String label, boolean active, long entryOffset) {

    /** Checks what other code relies on: {@code start} and {@code length} are sane and their sum is no overflow. */
    public Partition {
        Objects.requireNonNull(type);
        Objects.requireNonNull(uuid);
        Objects.requireNonNull(label);
        if (number < 0 || start < 0 || length <= 0 || start > Long.MAX_VALUE - length) {
            throw new IllegalArgumentException("partition " + number + ": start " + start + ", length " + length);
        }
    }

    /** A file that is one filesystem, with no table around it. */
    public static Partition wholeFile(long size) {
        return new Partition(0, 0, size, "", "", "", false, -1);
    }

    /** The first byte after the partition. */
    public long end() {
        return start + length;
    }

    /** The name for messages: "partition 2", or "the image" if there is no table. */
    public String title() {
        return number == 0 ? "the image" : "partition " + number;
    }
}
