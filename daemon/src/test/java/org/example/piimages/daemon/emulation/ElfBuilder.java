package org.example.piimages.daemon.emulation;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** The first page of a program: an ELF header, one PT_LOAD, and a PT_INTERP if it has an interpreter. */
final class ElfBuilder {

    private static final int INTERPRETER_OFFSET = 512;

    private final Architecture architecture;
    private final ByteBuffer bytes = ByteBuffer.allocate(ElfHeader.READ_LENGTH);

    ElfBuilder(Architecture architecture) {
        this.architecture = architecture;
        boolean wide = architecture.bits() == 64;
        bytes.put(ProgramPattern.header(architecture));
        bytes.order(architecture.isLittleEndian() ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
        if (wide) {
            bytes.putLong(32, 64).putShort(54, (short) 56);
        } else {
            bytes.putInt(28, 52).putShort(42, (short) 32);
        }
        programHeaders(1).segment(0, 1, 0, 4096);
    }

    ElfBuilder interpreter(String path) {
        bytes.put(INTERPRETER_OFFSET, path.getBytes(StandardCharsets.UTF_8));
        return programHeaders(2).segment(1, 3, INTERPRETER_OFFSET, path.length() + 1);
    }

    ElfBuilder programHeaders(int count) {
        return shortAt(architecture.bits() == 64 ? 56 : 44, count);
    }

    ElfBuilder segment(int index, int type, long offset, long length) {
        boolean wide = architecture.bits() == 64;
        int at = wide ? 64 + 56 * index : 52 + 32 * index;
        bytes.putInt(at, type);
        if (wide) {
            bytes.putLong(at + 8, offset).putLong(at + 32, length);
        } else {
            bytes.putInt(at + 4, (int) offset).putInt(at + 16, (int) length);
        }
        return this;
    }

    ElfBuilder byteAt(int offset, int value) {
        bytes.put(offset, (byte) value);
        return this;
    }

    ElfBuilder shortAt(int offset, int value) {
        bytes.putShort(offset, (short) value);
        return this;
    }

    byte[] bytes() {
        return bytes.array().clone();
    }
}
