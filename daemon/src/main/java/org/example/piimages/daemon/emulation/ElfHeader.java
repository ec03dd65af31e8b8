package org.example.piimages.daemon.emulation;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Optional;

/**
 * The information at the beginning of an ELF file (elf(5)). The file is untrusted: no length or offset in it is followed beyond the given
 * bytes.
 *
 * @param machine e_machine
 * @param bits 32 or 64, from EI_CLASS
 * @param littleEndian from EI_DATA
 * @param type e_type: 2 is an executable, 3 a position-independent executable or a library
 * @param linkage whether it has a PT_INTERP segment
 * @param interpreter the path in that segment; empty if there is none, if it is beyond the given bytes, or if it is not valid text
 */
public record ElfHeader(int machine, int bits, boolean littleEndian, int type, Linkage linkage, Optional<String> interpreter) {

    /** The number of bytes to pass to {@link #parse}: linkers put the program headers and the interpreter's path into the first page. */
    public static final int READ_LENGTH = 4096;

    private static final int MAGIC = 0x7F454C46;
    private static final int SIZE_32 = 52;
    private static final int SIZE_64 = 64;
    private static final int CURRENT_VERSION = 1;
    private static final int PT_LOAD = 1;
    private static final int PT_INTERP = 3;
    private static final int TYPE_EXECUTABLE = 2;
    private static final int TYPE_DYNAMIC = 3;
    /** The maximum length of PT_INTERP, the kernel's PATH_MAX. */
    private static final int PATH_LIMIT = 4096;

    /** No argument may be null. */
    public ElfHeader {
        Objects.requireNonNull(linkage);
        Objects.requireNonNull(interpreter);
    }

    /**
     * Parses a header.
     *
     * @param beginning the first {@link #READ_LENGTH} bytes of a file, or all of a shorter one; with fewer bytes the linkage may be
     *         unknown
     * @return empty if the file is not ELF, is truncated within the ELF header, or has an invalid class, byte order or version
     */
    public static Optional<ElfHeader> parse(byte[] beginning) {
        if (beginning.length < SIZE_32) {
            return Optional.empty();
        }
        ByteBuffer bytes = ByteBuffer.wrap(beginning);
        int elfClass = bytes.get(4);
        int data = bytes.get(5);
        boolean isKnown = bytes.getInt(0) == MAGIC && (elfClass == 1 || elfClass == 2) && (data == 1 || data == 2)
                && bytes.get(6) == CURRENT_VERSION;
        if (!isKnown || elfClass == 2 && beginning.length < SIZE_64) {
            return Optional.empty();
        }
        bytes.order(data == 1 ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
        return Optional.of(parse(bytes, elfClass == 2));
    }

    /** Returns the CPU that the program is for; empty if unknown. */
    public Optional<Architecture> architecture() {
        return Architecture.ofElf(machine, bits, littleEndian);
    }

    /** Returns whether the program is known to start without a loader and libraries. */
    public boolean isStatic() {
        return linkage == Linkage.STATIC;
    }

    private static ElfHeader parse(ByteBuffer bytes, boolean wide) {
        int type = Short.toUnsignedInt(bytes.getShort(16));
        int machine = Short.toUnsignedInt(bytes.getShort(18));
        long offset = wide ? bytes.getLong(32) : Integer.toUnsignedLong(bytes.getInt(28));
        int size = Short.toUnsignedInt(bytes.getShort(wide ? 54 : 42));
        int count = Short.toUnsignedInt(bytes.getShort(wide ? 56 : 44));
        boolean executable = type == TYPE_EXECUTABLE || type == TYPE_DYNAMIC;
        boolean present = size == (wide ? 56 : 32) && offset > 0 && offset <= bytes.capacity() - (long) size * count;
        Linkage linkage = Linkage.UNKNOWN;
        Optional<String> interpreter = Optional.empty();
        if (executable && present) {
            Optional<Integer> segment = segment(bytes, PT_INTERP, (int) offset, size, count);
            boolean loads = segment(bytes, PT_LOAD, (int) offset, size, count).isPresent();
            linkage = segment.isPresent() ? Linkage.DYNAMIC : loads ? Linkage.STATIC : Linkage.UNKNOWN;
            interpreter = segment.flatMap(at -> interpreter(bytes, at, wide));
        }
        return new ElfHeader(machine, wide ? 64 : 32, bytes.order() == ByteOrder.LITTLE_ENDIAN, type, linkage, interpreter);
    }

    /** Returns the position of the first program header of a type. */
    private static Optional<Integer> segment(ByteBuffer bytes, int type, int offset, int size, int count) {
        for (int index = 0; index < count; index++) {
            int at = offset + index * size;
            if (bytes.getInt(at) == type) {
                return Optional.of(at);
            }
        }
        return Optional.empty();
    }

    private static Optional<String> interpreter(ByteBuffer bytes, int header, boolean wide) {
        long offset = wide ? bytes.getLong(header + 8) : Integer.toUnsignedLong(bytes.getInt(header + 4));
        long length = wide ? bytes.getLong(header + 32) : Integer.toUnsignedLong(bytes.getInt(header + 16));
        // The last byte is NUL, otherwise the kernel would reject the program.
        if (length < 2 || length > PATH_LIMIT || offset < 0 || offset > bytes.capacity() - length
                || bytes.get((int) (offset + length - 1)) != 0) {
            return Optional.empty();
        }
        String path = new String(bytes.array(), (int) offset, (int) length - 1, StandardCharsets.UTF_8);
        return Optional.of(path).filter(text -> text.codePoints().noneMatch(Character::isISOControl));
    }
}
