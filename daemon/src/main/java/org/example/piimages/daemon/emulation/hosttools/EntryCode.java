package org.example.piimages.daemon.emulation.hosttools;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Code that runs before the entry point of a program for x86-64. It is inserted into the gap that linkers leave between the end of the
 * code and the end of its page, so that nothing in the file moves. The sources are in src/main/assembly; testbed/assembly generates the
 * resources from them.
 */
final class EntryCode {

    private static final int ELF_64_LITTLE = 0x0102;
    private static final int X86_64 = 62;
    private static final int ENTRY = 24;
    private static final int HEADERS = 32;
    private static final int HEADER_COUNT = 56;
    private static final int HEADER_SIZE = 56;
    /** Offsets in a program header: the segment's position and size in the file and in memory. */
    private static final int OFFSET = 8;
    private static final int ADDRESS = 16;
    private static final int FILE_SIZE = 32;
    private static final int MEMORY_SIZE = 40;
    private static final int PT_LOAD = 1;
    private static final int READ_EXECUTE = 5;
    private static final int PAGE = 4096;
    private static final int ALIGNMENT = 16;

    private final byte[] code;

    private EntryCode(byte[] code) {
        this.code = code;
    }

    /**
     * Loads a resource, which consists of lines of hexadecimal digits.
     *
     * @param name the name of the resource, without its suffix
     */
    static EntryCode load(String name) {
        try (InputStream resource = EntryCode.class.getResourceAsStream(name + ".hex")) {
            String digits = new String(resource.readAllBytes(), StandardCharsets.US_ASCII).replace("\n", "");
            return new EntryCode(HexFormat.of().parseHex(digits));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + name + ".hex of the package: " + e.getMessage(), e);
        }
    }

    /**
     * Inserts the code.
     *
     * @param program an ELF file; the array is modified and becomes the result
     * @return empty if it is not a program for x86-64, or has no room for the code
     */
    Optional<byte[]> insertInto(byte[] program) {
        ByteBuffer elf = ByteBuffer.wrap(program).order(ByteOrder.LITTLE_ENDIAN);
        if (program.length < PAGE || elf.getInt(0) != 0x464C457F || elf.getShort(4) != ELF_64_LITTLE || elf.getShort(18) != X86_64) {
            return Optional.empty();
        }
        long headers = elf.getLong(HEADERS);
        int count = Short.toUnsignedInt(elf.getShort(HEADER_COUNT));
        if (headers < 0 || headers > program.length - (long) count * HEADER_SIZE) {
            return Optional.empty();
        }
        for (int index = 0; index < count; index++) {
            int header = (int) headers + index * HEADER_SIZE;
            if (elf.getInt(header) == PT_LOAD && elf.getInt(header + 4) == READ_EXECUTE) {
                return ownsLastPage(elf, (int) headers, count, header) ? insert(elf, header) : Optional.empty();
            }
        }
        return Optional.empty();
    }

    /** Returns whether no other segment shares the last page of this one, in the file and in memory. */
    private static boolean ownsLastPage(ByteBuffer elf, int headers, int count, int header) {
        for (int other = headers; other < headers + count * HEADER_SIZE; other += HEADER_SIZE) {
            if (other != header && elf.getInt(other) == PT_LOAD
                    && (sharesPage(elf, header, other, OFFSET, FILE_SIZE) || sharesPage(elf, header, other, ADDRESS, MEMORY_SIZE))) {
                return false;
            }
        }
        return true;
    }

    private static boolean sharesPage(ByteBuffer elf, int header, int other, int start, int length) {
        long end = (elf.getLong(header + start) + elf.getLong(header + length) + PAGE - 1) / PAGE * PAGE;
        return elf.getLong(other + start) < end && elf.getLong(other + start) + elf.getLong(other + length) > elf.getLong(header + start);
    }

    /** Appends the code to a segment and makes it the entry point. The last four bytes of the code are the offset of the jump back. */
    private Optional<byte[]> insert(ByteBuffer elf, int header) {
        long offset = elf.getLong(header + OFFSET);
        long address = elf.getLong(header + ADDRESS);
        long size = elf.getLong(header + FILE_SIZE);
        long start = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        long end = (size + PAGE - 1) / PAGE * PAGE;
        boolean fits = size > 0 && size == elf.getLong(header + MEMORY_SIZE) && offset >= 0 && start + code.length <= end
                && end <= elf.capacity() - offset && offset % PAGE == 0 && isZero(elf, offset + size, offset + end);
        if (!fits) {
            return Optional.empty();
        }
        long after = address + start + code.length;
        elf.put((int) (offset + start), code);
        elf.putInt((int) (offset + start) + code.length - Integer.BYTES, (int) (elf.getLong(ENTRY) - after));
        elf.putLong(header + FILE_SIZE, start + code.length).putLong(header + MEMORY_SIZE, start + code.length);
        elf.putLong(ENTRY, address + start);
        return Optional.of(elf.array());
    }

    private static boolean isZero(ByteBuffer bytes, long from, long to) {
        for (long at = from; at < to; at++) {
            if (bytes.get((int) at) != 0) {
                return false;
            }
        }
        return true;
    }
}
