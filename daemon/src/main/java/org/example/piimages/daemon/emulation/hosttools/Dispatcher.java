package org.example.piimages.daemon.emulation.hosttools;

import java.util.Optional;

/**
 * An emulator that first tries to become a tool of the host's. It does so only for the very file that was verified before the machine
 * started: the one that is /usr/bin/NAME, by whatever name it is executed, and that has not been changed since. A copy elsewhere, another
 * program that begins alike, one that was changed in place or exchanged meanwhile, and any in a chroot, where the tools are not to be seen,
 * is emulated; so is every program while a variable such as LD_PRELOAD speaks to the loader. It then goes on as the emulator it is, with
 * its stack as the kernel made it.
 *
 * <p>It is a copy of the host's static emulator with {@link EntryCode}, src/main/assembly/dispatcher.s. The path by which binfmt_misc
 * starts it tells which tool: there is a link to the dispatcher for each, in a folder whose name has one letter, and the tool is the file
 * of the same name in the folder of another.
 */
final class Dispatcher {

    /** The folder of the links, in {@link Relocation#PLACE}. */
    static final String LINKS = "d";
    /** The folder of the tools. */
    static final String TOOLS = "t";
    /** A file that is as old as the look at the image; its path is in the code. */
    static final String STAMP = "/run/piimages/verified";

    private Dispatcher() {
    }

    /**
     * Makes one of an emulator.
     *
     * @param emulator a static ELF program for x86-64; the array becomes the result
     * @return empty when it is no such program, or has no room for the code
     */
    static Optional<byte[]> of(byte[] emulator) {
        return EntryCode.named("dispatcher").before(emulator);
    }
}
