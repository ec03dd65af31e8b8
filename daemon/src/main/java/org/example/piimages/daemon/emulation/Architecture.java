package org.example.piimages.daemon.emulation;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The CPU architectures of images and of hosts. */
public enum Architecture {
    /** 32-bit ARM, little-endian: armv6 (Raspberry Pi 1 and Zero), armv7, and armv8 in its 32-bit state. */
    ARM(40, 32, true, "armv7l", "arm"),
    /** 64-bit ARM, little-endian. */
    AARCH64(183, 64, true, "aarch64", "aarch64"),
    /** 32-bit PC. */
    X86(3, 32, true, "i686", "i386"),
    /** 64-bit PC. */
    X86_64(62, 64, true, "x86_64", "x86_64"),
    /** 64-bit RISC-V. */
    RISCV64(243, 64, true, "riscv64", "riscv64"),
    /** 64-bit LoongArch. */
    LOONGARCH64(258, 64, true, "loongarch64", "loongarch64"),
    /** 64-bit Power, little-endian. */
    PPC64LE(21, 64, true, "ppc64le", "ppc64le"),
    /** IBM Z. */
    S390X(22, 64, false, "s390x", "s390x");

    private final int elfMachine;
    private final int bits;
    private final boolean littleEndian;
    private final String unameMachine;
    private final String qemuName;

    Architecture(int elfMachine, int bits, boolean littleEndian, String unameMachine, String qemuName) {
        this.elfMachine = elfMachine;
        this.bits = bits;
        this.littleEndian = littleEndian;
        this.unameMachine = unameMachine;
        this.qemuName = qemuName;
    }

    /** Returns the 32-bit architecture of the same family, whose programs a 64-bit CPU may be able to execute; empty if there is none. */
    Optional<Architecture> compatible32Bit() {
        return switch (this) {
            case AARCH64 -> Optional.of(ARM);
            case X86_64 -> Optional.of(X86);
            default -> Optional.empty();
        };
    }

    /** Returns the value of e_machine in its programs (the EM_ constants of elf.h). */
    public int elfMachine() {
        return elfMachine;
    }

    /** Returns the word size of its programs in bits: 32 or 64. */
    public int bits() {
        return bits;
    }

    /** Returns whether its programs are little-endian. */
    public boolean isLittleEndian() {
        return littleEndian;
    }

    /** Returns the output of {@code uname -m}; the most common one if there are several. */
    public String unameMachine() {
        return unameMachine;
    }

    /** Returns the name as used for the programs of qemu-user, {@code qemu-NAME}. */
    public String qemuName() {
        return qemuName;
    }

    /**
     * Returns the usual paths of its emulators, the names for statically linked ones first. In Debian 13 {@code qemu-NAME} itself is
     * statically linked, so the name proves nothing.
     */
    public List<String> emulatorPaths() {
        return List.of("/usr/bin/qemu-" + qemuName + "-static", "/usr/bin/qemu-" + qemuName, "/usr/local/bin/qemu-" + qemuName + "-static",
                "/usr/local/bin/qemu-" + qemuName);
    }

    /**
     * Returns the Debian package with statically linked emulators. In Debian 13 it is a transitional package that depends on its
     * successors, qemu-user and qemu-user-binfmt; Debian 14 and Ubuntu 26.04 have only those.
     */
    public String emulatorPackage() {
        return "qemu-user-static";
    }

    /**
     * Returns the architecture of a kernel.
     *
     * @param machine the output of {@code uname -m}, for example "armv6l"
     * @return empty for an unknown architecture
     */
    public static Optional<Architecture> ofUname(String machine) {
        // armv8l is reported by a 64-bit kernel under the 32-bit personality; the names of big-endian ARM end in b.
        if (machine.matches("armv[5-8]\\w*l")) {
            return Optional.of(ARM);
        }
        if (machine.matches("i[3-6]86")) {
            return Optional.of(X86);
        }
        if (machine.equals("arm64")) {
            return Optional.of(AARCH64);
        }
        return Arrays.stream(values()).filter(architecture -> architecture.unameMachine.equals(machine)).findFirst();
    }

    /** Returns the architecture of a program, from its e_machine, word size and byte order; empty for an unknown architecture. */
    public static Optional<Architecture> ofElf(int machine, int bits, boolean littleEndian) {
        return Arrays.stream(values())
                .filter(known -> known.elfMachine == machine && known.bits == bits && known.littleEndian == littleEndian)
                .findFirst();
    }
}
