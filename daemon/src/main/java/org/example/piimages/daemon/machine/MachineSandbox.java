package org.example.piimages.daemon.machine;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.example.piimages.daemon.linux.KernelFilesystems;
import org.example.piimages.daemon.linux.RunFolder;
import org.freedesktop.dbus.types.Variant;

/**
 * The mount namespace of a machine's unit; systemd.exec(5). systemd-nspawn is root and follows names in a tree that users can change: in
 * here nothing of the host is writable but what the machine itself may change, and systemd-nspawn's locks.
 */
final class MachineSandbox {

    /** By these systemd-nspawn takes a range of users that nobody else has. */
    private static final Path RANGES = Path.of("/run/systemd/nspawn-uid");
    private static final Path ACCOUNTS = Path.of("/etc/.pwd.lock");

    private MachineSandbox() {
    }

    /**
     * Adds its properties to a unit's.
     *
     * @param writable folders of the machine's that it may change
     * @param plain whether the machine may do no more on the host than machines may
     */
    static void addTo(Map<String, Variant<?>> properties, MachineRecord machine, List<Path> writable, boolean plain) {
        properties.put("ProtectSystem", new Variant<>("strict"));
        properties.put("ProtectHome", new Variant<>("yes"));
        // Each takes a capability away, which an administrator may have asked for.
        for (String protection : List.of("ProtectKernelModules", "ProtectKernelLogs", "ProtectClock")) {
            properties.put(protection, new Variant<>(plain));
        }
        // Not ProtectKernelTunables=: with it systemd 252 leaves /run writable, whatever else is said.
        properties.put("ReadOnlyPaths", paths(KernelFilesystems.unchangeable()));
        List<String> changing = new ArrayList<>(List.of(RANGES.toString(), ACCOUNTS.toString()));
        writable.forEach(place -> changing.add(place.toString()));
        KernelFilesystems.controlGroups("machine.slice", machine.unit()).forEach(changing::add);
        properties.put("ReadWritePaths", paths(changing.stream()));
        // systemd-nspawn's places for what it is about to mount; other machines' are not to be seen.
        properties.put("TemporaryFileSystem", new Variant<>(new Object[][] {{"/tmp", ""}, {"/var/tmp", ""}, {"/run/systemd/nspawn", ""}},
                "a(ss)"));
    }

    /** What a machine may change of what is mounted in its folder: its root always, where systemd-nspawn mounts. */
    static List<Path> writable(MachineRecord machine, List<Path> readOnly) throws IOException {
        List<Path> places = new ArrayList<>();
        for (Path place : RunFolder.entries(machine.folder())) {
            String name = place.getFileName().toString();
            boolean volume = name.startsWith("volume-") && !machine.mode().readOnly();
            if (name.equals("root") || volume || name.startsWith("bind-") && !readOnly.contains(place)) {
                places.add(place);
            }
        }
        return places;
    }

    /** Makes what systemd-nspawn would make itself, were it allowed to. */
    static void prepare() throws IOException {
        Files.createDirectories(RANGES);
        try {
            Files.createFile(ACCOUNTS, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        } catch (FileAlreadyExistsException e) {
            // As it is on every system where an account was made since it was installed.
        }
    }

    private static Variant<?> paths(Stream<String> paths) {
        return new Variant<>(paths.toArray(String[]::new));
    }
}
