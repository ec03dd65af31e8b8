package org.example.piimages.libc;

import java.util.Arrays;
import java.util.Optional;

/**
 * The numbers of the kernel's interface that are not the same on every CPU, a row for each CPU that PiImages runs on. All other numbers in
 * the sources are the same in every row; {@code KernelNumbersTest} compares both kinds with the headers of each CPU.
 *
 * <p>Sources: include/uapi/asm-generic/fcntl.h, arch/arm64/include/uapi/asm/fcntl.h, arch/x86/entry/syscalls/syscall_64.tbl and
 * include/uapi/asm-generic/unistd.h of Linux.
 */
public enum Abi {

    /** 64-bit x86. */
    AMD64("amd64", 0x4000, 0x10000, 0x20000, 116),
    /** 64-bit ARM. */
    ARM64("aarch64", 0x10000, 0x4000, 0x8000, 159);

    private static final Optional<Abi> CURRENT = ofJava(System.getProperty("os.arch"));

    private final String javaName;
    /** O_DIRECT of open(2). */
    final int direct;
    /** O_DIRECTORY of open(2). */
    final int directory;
    /** O_NOFOLLOW of open(2). */
    final int noFollow;
    /** The number of setgroups(2). */
    final int setgroups;

    Abi(String javaName, int direct, int directory, int noFollow, int setgroups) {
        this.javaName = javaName;
        this.direct = direct;
        this.directory = directory;
        this.noFollow = noFollow;
        this.setgroups = setgroups;
    }

    /**
     * Returns the row for the CPU that Java calls {@code name} in the property {@code os.arch}; empty for a CPU whose numbers are not
     * known.
     */
    static Optional<Abi> ofJava(String name) {
        return Arrays.stream(values()).filter(abi -> abi.javaName.equals(name)).findFirst();
    }

    /** Returns whether the numbers are known for the CPU that this process runs on. If not, nothing else in this package works. */
    public static boolean isKnown() {
        return CURRENT.isPresent();
    }

    /**
     * Returns the row for the CPU that this process runs on.
     *
     * @throws UnsupportedOperationException if the numbers for this CPU are not known
     */
    static Abi current() {
        return CURRENT.orElseThrow(() -> new UnsupportedOperationException(
                "the kernel's numbers for " + System.getProperty("os.arch") + " are not known; those of amd64 and arm64 are"));
    }
}
