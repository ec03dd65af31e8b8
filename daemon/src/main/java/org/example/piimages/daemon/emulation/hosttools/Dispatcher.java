package org.example.piimages.daemon.emulation.hosttools;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;

/**
 * An emulator that first looks whether there is a tool of the host's for the program it is to run, and becomes that tool. Where there is
 * none (in a chroot within the machine there never is) it goes on as the emulator it is, with its stack as the kernel made it.
 *
 * <p>It is a copy of the host's static emulator in which {@link #CODE} comes before the entry point, in the room that the linker leaves
 * between the end of the code and the end of its page. binfmt_misc starts it with its P flag: argv is the interpreter, the program's path,
 * the argv[0] that the caller gave, and the other arguments.
 */
final class Dispatcher {

    /**
     * <pre>
     *          endbr64
     *          mov   rbx, rsp              argc, argv, a null, envp: kept where it is
     *          mov   rsi, [rbx+16]         argv[1], the program's path
     *          cmp   byte ptr [rsi], '/'
     *          jne   emulate
     *          sub   rsp, 4352             room for a path
     *          mov   rdi, rsp
     *          lea   rdx, [rip+place]
     *   place: mov   al, [rdx]             copy the place
     *          test  al, al
     *          jz    path
     *          mov   [rdi], al
     *          inc   rdi
     *          inc   rdx
     *          jmp   place
     *   path:  mov   ecx, 4096             and the path behind it
     *   next:  mov   al, [rsi]
     *          mov   [rdi], al
     *          inc   rsi
     *          inc   rdi
     *          test  al, al
     *          jz    start
     *          dec   ecx
     *          jnz   next
     *          jmp   emulate
     *   start: mov   rdi, rsp              execve(place + path, argv + 2, envp)
     *          lea   rsi, [rbx+24]
     *          mov   rax, [rbx]
     *          lea   rdx, [rbx+16+rax*8]
     *          mov   eax, 59
     *          syscall                     comes back only if it failed
     *   emulate:
     *          mov   rsp, rbx              registers as the kernel gives them to a program
     *          xor   eax, eax              and ebx, ecx, edx, esi, edi, r11d
     *          jmp   entry                 the last four bytes: how far
     * </pre>
     */
    private static final byte[] CODE = HexFormat.of().parseHex("f30f1efa4889e3488b7310803e2f75504881ec001100004889e7488d15560000008a"
            + "0284c0740a880748ffc748ffc2ebf0b9001000008a06880748ffc648ffc784c07406ffc975eeeb164889e7488d7318488b03488d54c310b83b0000000f05"
            + "4889dc31c031db31c931d231f631ff4531dbe900000000");

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
     * @param emulator a static ELF program for x86-64
     * @param place the folder that tools are looked for in, by the path of the program they stand for
     * @return empty when it is no such program, or has no room for the code
     */
    static Optional<byte[]> of(byte[] emulator, String place) {
        ByteBuffer elf = ByteBuffer.wrap(emulator.clone()).order(ByteOrder.LITTLE_ENDIAN);
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
                return insert(elf, header, place);
            }
        }
        return Optional.empty();
    }

    /** Puts the code behind that of a segment and makes it the entry point. */
    private static Optional<byte[]> insert(ByteBuffer elf, int header, String place) {
        long offset = elf.getLong(header + 8);
        long address = elf.getLong(header + 16);
        long size = elf.getLong(header + 32);
        byte[] code = code(place);
        long start = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        long end = (size + PAGE - 1) / PAGE * PAGE;
        boolean room = size > 0 && size == elf.getLong(header + 40) && offset >= 0 && start + code.length <= end
                && end <= elf.capacity() - offset && offset % PAGE == 0 && isZero(elf, offset + size, offset + end);
        if (!room) {
            return Optional.empty();
        }
        long after = address + start + CODE.length;
        ByteBuffer.wrap(code).order(ByteOrder.LITTLE_ENDIAN).putInt(CODE.length - Integer.BYTES, (int) (elf.getLong(ENTRY) - after));
        elf.put((int) (offset + start), code);
        elf.putLong(header + 32, start + code.length).putLong(header + 40, start + code.length);
        elf.putLong(ENTRY, address + start);
        return Optional.of(elf.array());
    }

    private static byte[] code(String place) {
        byte[] text = (place + "\0").getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(CODE.length + text.length).put(CODE).put(text).array();
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
