package org.example.piimages.daemon.emulation.hosttools;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.Optional;

/**
 * An emulator that first tries to become a tool of the host's. Where it cannot (in a chroot within the machine the tools are not to be
 * seen) it goes on as the emulator it is, with its stack as the kernel made it.
 *
 * <p>It is a copy of the host's static emulator in which {@link #CODE} comes before the entry point, in the room that the linker leaves
 * between the end of the code and the end of its page. binfmt_misc starts it with the P flag: argv is the interpreter's path, the program's
 * path, the argv[0] that the caller gave, and the other arguments. The interpreter's path tells which tool: there is a link to the
 * dispatcher for each, in a folder whose name has one letter, and the tool is the file of the same name in the folder of another.
 */
final class Dispatcher {

    /** The folder of the links, in {@link Relocation#PLACE}. */
    static final String LINKS = "d";
    /** The folder of the tools. */
    static final String TOOLS = "t";

    /**
     * <pre>
     *   endbr64
     *   mov  rbx, rsp                    argc, argv, a null, envp
     *   mov  rdi, [rbx+8]                argv[0], /run/piimages/tools/d/NAME
     *   mov  byte ptr [rdi+20], 't'      /run/piimages/tools/t/NAME
     *   lea  rsi, [rbx+24]               argv + 2
     *   mov  rax, [rbx]
     *   lea  rdx, [rbx+16+rax*8]         envp
     *   mov  eax, 59                     execve
     *   syscall                          comes back only if it failed
     *   mov  rdi, [rbx+8]
     *   mov  byte ptr [rdi+20], 'd'
     *   xor  eax, eax                    and ebx, ecx, edx, esi, edi, r11d: as the kernel gives them to a program
     *   jmp  entry                       the last four bytes: how far
     * </pre>
     */
    private static final byte[] CODE = HexFormat.of().parseHex(
            "f30f1efa4889e3488b7b08c6471474488d7318488b03488d54c310b83b0000000f05488b7b08c647146431c031db31c931d2"
                    + "31f631ff4531dbe900000000");

    private static final int ELF_64_LITTLE = 0x0102;
    private static final int X86_64 = 62;
    private static final int ENTRY = 24;
    private static final int HEADERS = 32;
    private static final int HEADER_COUNT = 56;
    private static final int HEADER_SIZE = 56;
    private static final int PT_LOAD = 1;
    private static final int READ_EXECUTE = 5;
    private static final int PAGE = 4096;
    private static final int ALIGNMENT = 16;

    private Dispatcher() {
    }

    /**
     * Makes one of an emulator.
     *
     * @param emulator a static ELF program for x86-64; the array becomes the result
     * @return empty when it is no such program, or has no room for the code
     */
    static Optional<byte[]> of(byte[] emulator) {
        ByteBuffer elf = ByteBuffer.wrap(emulator).order(ByteOrder.LITTLE_ENDIAN);
        if (emulator.length < PAGE || elf.getInt(0) != 0x464C457F || elf.getShort(4) != ELF_64_LITTLE || elf.getShort(18) != X86_64) {
            return Optional.empty();
        }
        long headers = elf.getLong(HEADERS);
        int count = Short.toUnsignedInt(elf.getShort(HEADER_COUNT));
        if (headers < 0 || headers > emulator.length - (long) count * HEADER_SIZE) {
            return Optional.empty();
        }
        for (int index = 0; index < count; index++) {
            int header = (int) headers + index * HEADER_SIZE;
            if (elf.getInt(header) == PT_LOAD && elf.getInt(header + 4) == READ_EXECUTE) {
                return insert(elf, header);
            }
        }
        return Optional.empty();
    }

    /** Puts the code behind that of a segment and makes it the entry point. */
    private static Optional<byte[]> insert(ByteBuffer elf, int header) {
        long offset = elf.getLong(header + 8);
        long address = elf.getLong(header + 16);
        long size = elf.getLong(header + 32);
        long start = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        long end = (size + PAGE - 1) / PAGE * PAGE;
        boolean room = size > 0 && size == elf.getLong(header + 40) && offset >= 0 && start + CODE.length <= end
                && end <= elf.capacity() - offset && offset % PAGE == 0 && isZero(elf, offset + size, offset + end);
        if (!room) {
            return Optional.empty();
        }
        long after = address + start + CODE.length;
        elf.put((int) (offset + start), CODE);
        elf.putInt((int) (offset + start) + CODE.length - Integer.BYTES, (int) (elf.getLong(ENTRY) - after));
        elf.putLong(header + 32, start + CODE.length).putLong(header + 40, start + CODE.length);
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
