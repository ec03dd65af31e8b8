package org.example.piimages.daemon.emulation.hosttools;

import java.util.Optional;

/**
 * An emulator that first tries to execute a tool of the host instead. It does so only for the very file that was verified before the
 * machine started: the one at /usr/bin/NAME, by whatever name it is executed, unchanged since. A copy elsewhere, another program with the
 * same beginning, a file that was modified or replaced meanwhile, and every program in a chroot, where the tools are not visible, are
 * emulated; so is every program while a variable such as LD_PRELOAD influences the loader. In these cases it continues as the emulator,
 * with its stack as the kernel set it up.
 *
 * <p>It is a copy of the host's static emulator with {@link EntryCode}, src/main/assembly/dispatcher.s. The path by which binfmt_misc
 * starts it selects the tool: there is a link to the dispatcher for each tool, in a directory with a one-letter name, and the tool is the
 * file of the same name in another such directory.
 */
final class Dispatcher {

    /** The directory of the links, in {@link Relocation#DIRECTORY}. */
    static final String LINKS = "d";
    /** The directory of the tools. */
    static final String TOOLS = "t";
    /** A file written just before the image was inspected; the code contains its path. */
    static final String STAMP = "/run/piimages/verified";

    private Dispatcher() {
    }

    /**
     * Creates a dispatcher from an emulator.
     *
     * @param emulator a static ELF program for x86-64; the array is modified and becomes the result
     * @return empty if it is not such a program, or has no room for the code
     */
    static Optional<byte[]> of(byte[] emulator) {
        return EntryCode.load("dispatcher").insertInto(emulator);
    }
}
