package org.example.piimages.daemon.machine.guest;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.linux.mount.DirectoryTree;

/**
 * The init of an image.
 *
 * @param systemd the version of its systemd; empty if it has another init
 */
public record GuestInit(OptionalInt systemd) {

    /** The paths of an init, in the order in which systemd-nspawn tries them. */
    private static final List<String> INITS = List.of("/usr/lib/systemd/systemd", "/lib/systemd/systemd", "/sbin/init");
    /** For example libsystemd-shared-252.so or libsystemd-shared-257.9-1.so; its directory depends on the distribution. */
    private static final Pattern LIBRARY = Pattern.compile("libsystemd-shared-(\\d{2,4})[^/]*\\.so");
    private static final Pattern ARCHITECTURE_DIRECTORY = Pattern.compile("[a-z0-9_]+-linux-[a-z]+");

    /**
     * Since this version systemd starts every service with pidfd_spawn(3), whose clone flags qemu before version 10 rejects: no service
     * starts. Observed with 257 and 262 under qemu 7.2; both boot under qemu 10.0, and 252 boots under either.
     */
    private static final int USES_PIDFD_SPAWN = 257;
    private static final int QEMU_WITH_PIDFD = 10;

    /**
     * Determines the init of an image.
     *
     * @throws Failure COMMAND_NOT_FOUND if it has none
     */
    public static GuestInit of(DirectoryTree image) throws IOException {
        boolean found = false;
        for (String init : INITS) {
            found |= image.status(init).filter(status -> status.isRegularFile() && status.isExecutable()).isPresent();
        }
        if (!found) {
            throw new Failure(Failure.Kind.COMMAND_NOT_FOUND, "the image has no init to boot: none of " + String.join(", ", INITS));
        }
        return new GuestInit(systemdOf(image));
    }

    /** Returns the version of an image's systemd; empty if it has none. */
    static OptionalInt systemdOf(DirectoryTree image) throws IOException {
        List<String> directories = new ArrayList<>(List.of("/usr/lib/systemd", "/lib/systemd", "/usr/lib64/systemd"));
        image.entries("/usr/lib").stream().filter(name -> ARCHITECTURE_DIRECTORY.matcher(name).matches())
                .forEach(name -> directories.add("/usr/lib/" + name + "/systemd"));
        for (String directory : directories) {
            OptionalInt version = systemdIn(image.entries(directory));
            if (version.isPresent()) {
                return version;
            }
        }
        return OptionalInt.empty();
    }

    /** Returns the version in the file names of a directory; empty if there is none. */
    static OptionalInt systemdIn(List<String> names) {
        return names.stream().map(LIBRARY::matcher).filter(Matcher::matches).map(match -> match.group(1)).mapToInt(Integer::parseInt)
                .findFirst();
    }

    /**
     * Rejects an image that cannot boot.
     *
     * @param qemu the emulator's major version; empty if the programs run natively or it cannot be determined
     * @throws Failure UNSUPPORTED if the emulator is too old for the image's systemd
     */
    public void requireBoots(OptionalInt qemu) {
        if (qemu.isPresent() && systemd.isPresent() && systemd.getAsInt() >= USES_PIDFD_SPAWN && qemu.getAsInt() < QEMU_WITH_PIDFD) {
            throw new Failure(Failure.Kind.UNSUPPORTED, "the image's systemd " + systemd.getAsInt() + " does not boot under this host's"
                    + " qemu " + qemu.getAsInt() + ", which lacks the system calls that it needs to start services; qemu " + QEMU_WITH_PIDFD
                    + " or later boots it; single commands run under this one too");
        }
    }
}
