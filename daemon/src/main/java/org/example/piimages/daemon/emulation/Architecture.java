package org.example.piimages.daemon.emulation;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The CPUs that matter: those of the images, and those of the hosts. */
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

    /** The 32-bit one of its family, whose programs a 64-bit CPU may execute, too; empty where there is none. */
    Optional<Architecture> narrow() {
        return switch (this) {
            case AARCH64 -> Optional.of(ARM);
            case X86_64 -> Optional.of(X86);
            default -> Optional.empty();
        };
    }

    /** The value of e_machine in its programs (the EM_ constants of elf.h). */
    public int elfMachine() {
        return elfMachine;
    }

    /** The word size of its programs: 32 or 64. */
    public int bits() {
        return bits;
    }

    /** Whether the least significant byte comes first. */
    public boolean isLittleEndian() {
        return littleEndian;
    }

    /** What {@code uname -m} says on it; the commonest answer where there are several. */
    public String unameMachine() {
        return unameMachine;
    }

    /** The name in qemu-user's programs, {@code qemu-NAME}. */
    public String qemuName() {
        return qemuName;
    }

    /**
     * Where emulators for it usually are, the statically linked name first. Debian 13 links {@code qemu-NAME} itself statically, so the
     * name proves nothing.
     */
    public List<String> emulatorPaths() {
        return List.of("/usr/bin/qemu-" + qemuName + "-static", "/usr/bin/qemu-" + qemuName, "/usr/local/bin/qemu-" + qemuName + "-static",
                "/usr/local/bin/qemu-" + qemuName);
    }

    /**
     * The Debian package with statically linked emulators. In Debian 13 it is a transitional one that brings their successors,
     * qemu-user and qemu-user-binfmt; Debian 14 and Ubuntu 26.04 have these alone.
     */
    public String emulatorPackage() {
        return "qemu-user-static";
    }

    /**
     * The architecture of a kernel.
     *
     * @param machine what {@code uname -m} says, for example "armv6l"
     * @return empty for one that is not known here
     */
    public static Optional<Architecture> ofUname(String machine) {
        // armv8l is what a 64-bit kernel says under the 32-bit personality; big-endian ARM ends in b.
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

    /** The architecture that a program is for, from its e_machine, word size and byte order; empty for one that is not known here. */
    public static Optional<Architecture> ofElf(int machine, int bits, boolean littleEndian) {
        return Arrays.stream(values())
                .filter(known -> known.elfMachine == machine && known.bits == bits && known.littleEndian == littleEndian)
                .findFirst();
    }
}
