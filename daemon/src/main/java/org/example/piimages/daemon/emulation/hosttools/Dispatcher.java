package org.example.piimages.daemon.emulation.hosttools;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.Optional;

/**
 * An emulator that first tries to become a tool of the host's. It does so only for the very file that was verified before the machine
 * started: the one that is /usr/bin/NAME, by whatever name it is executed, and that has not been changed since. A copy elsewhere, another
 * program that begins alike, one that was changed in place or exchanged meanwhile, and any in a chroot, where the tools are not to be seen,
 * is emulated; so is every program while a variable such as LD_PRELOAD speaks to the loader. It then goes on as the emulator it is, with
 * its stack as the kernel made it.
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
    /** A file that is as old as the look at the image; its path is in the code. */
    static final String STAMP = "/run/piimages/verified";

    /**
     * <pre>
     *   endbr64
     *   mov  rbx, rsp                    argc, argv, a null, envp
     *   mov  rax, [rbx]
     *   lea  r8, [rbx+16+rax*8]          envp
     *   mov  rdi, r8                     for each variable:
     * 1 mov  rax, [rdi]
     *   test rax, rax
     *   jz   2
     *   add  rdi, 8
     *   mov  eax, [rax]
     *   and  eax, 0xffffff
     *   cmp  eax, "LD_"                  the image's libraries are for the image's CPU
     *   jne  1
     *   jmp  8
     * 2 sub  rsp, 288                    room for two struct stat
     *   mov  rdi, [rbx+16]               argv[1], the program's path
     *   mov  rsi, rsp
     *   mov  eax, 4                      stat
     *   syscall
     *   test eax, eax
     *   jnz  8
     *   mov  rdi, [rbx+8]                argv[0], /run/piimages/tools/d/NAME
     *   add  rdi, 13
     *   mov  rax, "/usr/bin"
     *   mov  [rdi], rax                  /usr/bin/NAME
     *   lea  rsi, [rsp+144]
     *   mov  eax, 4                      stat
     *   syscall
     *   mov  rdx, "/tools/d"
     *   mov  [rdi], rdx
     *   test eax, eax
     *   jnz  8
     *   mov  rax, [rsp]
     *   cmp  rax, [rsp+144]              st_dev
     *   jne  8
     *   mov  rax, [rsp+8]
     *   cmp  rax, [rsp+152]              st_ino
     *   jne  8
     *   call 4                           pushes where this text is: "/run/piimages/verified"
     * 4 pop  rdi
     *   lea  rsi, [rsp+144]
     *   mov  eax, 4                      stat
     *   syscall
     *   test eax, eax
     *   jnz  8
     *   mov  rax, [rsp+104]
     *   cmp  rax, [rsp+248]              st_ctim.tv_sec
     *   jg   8
     *   jl   7
     *   mov  rax, [rsp+112]
     *   cmp  rax, [rsp+256]              st_ctim.tv_nsec
     *   jge  8
     * 7 mov  rsp, rbx
     *   mov  rdi, [rbx+8]
     *   mov  byte ptr [rdi+20], 't'      /run/piimages/tools/t/NAME
     *   lea  rsi, [rbx+24]               argv + 2
     *   mov  rdx, r8
     *   mov  eax, 59                     execve
     *   syscall                          comes back only if it failed
     *   mov  rdi, [rbx+8]
     *   mov  byte ptr [rdi+20], 'd'
     * 8 mov  rsp, rbx
     *   xor  eax, eax                    and ebx, ecx, edx, esi, edi, r8d, r11d: as the kernel gives them to a program
     *   jmp  entry                       the last four bytes: how far
     * </pre>
     */
    private static final byte[] CODE = HexFormat.of().parseHex(
            "f30f1efa4889e3488b034c8d44c3104c89c7488b074885c074174883c7088b0025ffffff003d4c445f0075e6e9e80000"
                    + "004881ec20010000488b7b104889e6b8040000000f0585c00f85cb000000488b7b084883c70d48b82f7573722f62696e"
                    + "488907488db42490000000b8040000000f0548ba2f746f6f6c732f6448891785c00f8592000000488b0424483b842490"
                    + "0000000f8580000000488b442408483b8424980000007571e8170000002f72756e2f7069696d616765732f7665726966"
                    + "696564005f488db42490000000b8040000000f0585c07541488b442468483b8424f80000007f327c0f488b442470483b"
                    + "8424000100007d214889dc488b7b08c6471474488d73184c89c2b83b0000000f05488b7b08c64714644889dc31c031db"
                    + "31c931d231f631ff4531c04531dbe900000000");

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
