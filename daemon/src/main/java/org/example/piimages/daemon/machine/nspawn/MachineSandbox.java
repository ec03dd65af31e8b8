package org.example.piimages.daemon.machine.nspawn;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.example.piimages.daemon.linux.mount.KernelFilesystems;
import org.example.piimages.daemon.machine.record.MachineRecord;
import org.freedesktop.dbus.types.Variant;

/**
 * The mount namespace of a machine's unit; systemd.exec(5). systemd-nspawn is root and follows names in a tree that users can change: in
 * here nothing of the host is writable but what the machine itself may change.
 */
final class MachineSandbox {

    private MachineSandbox() {
    }

    /**
     * Adds its properties to a unit's.
     *
     * @param plain whether the machine may do no more on the host than machines may
     */
    static void addTo(Map<String, Variant<?>> properties, MachineRecord machine, boolean plain) {
        properties.put("ProtectSystem", new Variant<>("strict"));
        properties.put("ProtectHome", new Variant<>("yes"));
        // Each takes a capability away, which an administrator may have asked for.
        for (String protection : List.of("ProtectKernelModules", "ProtectKernelLogs", "ProtectClock")) {
            properties.put(protection, new Variant<>(plain));
        }
        // Not ProtectKernelTunables=: with it systemd 252 leaves /run writable, whatever else is said.
        properties.put("ReadOnlyPaths", paths(KernelFilesystems.unchangeable()));
        // With what is mounted in it; what is mounted there read-only stays so.
        properties.put("ReadWritePaths", paths(Stream.concat(Stream.of(machine.file("root").toString()),
                KernelFilesystems.controlGroups("machine.slice", machine.unit()))));
        // There systemd-nspawn looks for settings first.
        properties.put("InaccessiblePaths", paths(Stream.of("-/etc/systemd/nspawn")));
        // systemd-nspawn's places for what it is about to mount; other machines' are not to be seen.
        properties.put("TemporaryFileSystem", new Variant<>(new Object[][] {{"/tmp", ""}, {"/var/tmp", ""}, {"/run/systemd/nspawn", ""}},
                "a(ss)"));
    }

    private static Variant<?> paths(Stream<String> paths) {
        return new Variant<>(paths.toArray(String[]::new));
    }
}
