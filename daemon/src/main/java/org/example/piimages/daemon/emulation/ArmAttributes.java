package org.example.piimages.daemon.emulation;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.OptionalInt;

/**
 * Reads the build attributes of a 32-bit ARM program, "Addenda to, and Errata in, the ABI for the Arm Architecture". The program is
 * untrusted: no length or offset in it is followed beyond the given bytes.
 */
final class ArmAttributes {

    private static final int SECTION_TYPE = 0x70000003;
    private static final int HEADER_SIZE = 40;
    private static final int EM_ARM = 40;
    private static final int TAG_FILE = 1;
    private static final int TAG_CPU_RAW_NAME = 4;
    private static final int TAG_CPU_NAME = 5;
    private static final int TAG_CPU_ARCH = 6;
    private static final int TAG_COMPATIBILITY = 32;
    /** From this tag on, odd tags have a string value and even ones a number. */
    private static final int FIRST_REGULAR_TAG = 33;
    private static final int NUMBER_BITS = 28;

    private ArmAttributes() {
    }

    /**
     * Returns Tag_CPU_arch of a program: 6 is ARMv6, 10 is ARMv7.
     *
     * @param program the whole file; the attributes may not be found in a truncated one
     * @return empty if it is not a 32-bit ARM program, or has no such attribute
     */
    static OptionalInt cpuArchitecture(byte[] program) {
        boolean arm = ElfHeader.parse(program)
                .filter(header -> header.machine() == EM_ARM && header.bits() == 32 && header.littleEndian())
                .isPresent();
        if (!arm) {
            return OptionalInt.empty();
        }
        ByteBuffer bytes = ByteBuffer.wrap(program).order(ByteOrder.LITTLE_ENDIAN);
        long table = Integer.toUnsignedLong(bytes.getInt(32));
        int size = Short.toUnsignedInt(bytes.getShort(46));
        int count = Short.toUnsignedInt(bytes.getShort(48));
        if (size != HEADER_SIZE || table > program.length - (long) size * count) {
            return OptionalInt.empty();
        }
        for (int index = 0; index < count; index++) {
            int header = (int) table + index * size;
            if (bytes.getInt(header + 4) == SECTION_TYPE) {
                return ofSection(bytes, Integer.toUnsignedLong(bytes.getInt(header + 16)),
                        Integer.toUnsignedLong(bytes.getInt(header + 20)));
            }
        }
        return OptionalInt.empty();
    }

    private static OptionalInt ofSection(ByteBuffer bytes, long offset, long length) {
        if (offset > bytes.capacity() - length) {
            return OptionalInt.empty();
        }
        ByteBuffer section = part(bytes, (int) offset, (int) length);
        try {
            // The format version, followed by a subsection for each vendor that defines attributes.
            if (section.get() != 'A') {
                return OptionalInt.empty();
            }
            ByteBuffer vendor = sized(section, Integer.BYTES);
            return text(vendor).equals("aeabi") ? ofFile(vendor) : OptionalInt.empty();
        } catch (BufferUnderflowException e) {
            return OptionalInt.empty();
        }
    }

    /** Reads the first part, which applies to the whole file; parts for sections and symbols may follow. */
    private static OptionalInt ofFile(ByteBuffer vendor) {
        if (number(vendor) != TAG_FILE) {
            return OptionalInt.empty();
        }
        ByteBuffer attributes = sized(vendor, 1 + Integer.BYTES);
        while (attributes.hasRemaining()) {
            int tag = number(attributes);
            if (tag == TAG_CPU_ARCH) {
                return OptionalInt.of(number(attributes));
            }
            boolean odd = tag >= FIRST_REGULAR_TAG && tag % 2 == 1;
            if (tag == TAG_COMPATIBILITY) {
                number(attributes);
            }
            if (tag == TAG_CPU_RAW_NAME || tag == TAG_CPU_NAME || tag == TAG_COMPATIBILITY || odd) {
                text(attributes);
            } else {
                number(attributes);
            }
        }
        return OptionalInt.empty();
    }

    /** Returns the bytes whose length precedes them; the length includes {@code before} bytes that have been read already. */
    private static ByteBuffer sized(ByteBuffer bytes, int before) {
        int length = bytes.getInt() - before;
        if (length < 0 || length > bytes.remaining()) {
            throw new BufferUnderflowException();
        }
        return part(bytes, bytes.position(), length);
    }

    private static ByteBuffer part(ByteBuffer bytes, int offset, int length) {
        return bytes.slice(offset, length).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Reads an unsigned LEB128; if the value is too large, its low bits. */
    private static int number(ByteBuffer bytes) {
        int value = 0;
        int shift = 0;
        int next;
        do {
            next = bytes.get();
            value |= shift < NUMBER_BITS ? (next & 0x7F) << shift : 0;
            shift = Math.min(shift + 7, NUMBER_BITS);
        } while (next < 0);
        return value;
    }

    private static String text(ByteBuffer bytes) {
        StringBuilder text = new StringBuilder();
        for (byte next = bytes.get(); next != 0; next = bytes.get()) {
            text.append((char) (next & 0x7F));
        }
        return text.toString();
    }
}
