package org.example.piimages.daemon.machine.nspawn;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.example.piimages.daemon.linux.mount.KernelFilesystems;
import org.example.piimages.daemon.machine.record.MachineRecord;
import org.freedesktop.dbus.types.Variant;

/**
 * The mount namespace of a machine's unit; systemd.exec(5). systemd-nspawn runs as root and resolves names in a tree that users can
 * change: in this namespace the only writable files of the host are those that the machine itself may change.
 */
final class MachineSandbox {

    private MachineSandbox() {
    }

    /**
     * Adds the sandbox's properties to those of a unit.
     *
     * @param plain whether the machine has no additional privileges on the host
     */
    static void addTo(Map<String, Variant<?>> properties, MachineRecord machine, boolean plain) {
        properties.put("ProtectSystem", new Variant<>("strict"));
        properties.put("ProtectHome", new Variant<>("yes"));
        // Each of them removes a capability that an administrator may have granted.
        for (String protection : List.of("ProtectKernelModules", "ProtectKernelLogs", "ProtectClock")) {
            properties.put(protection, new Variant<>(plain));
        }
        // Not ProtectKernelTunables=: with it systemd 252 leaves /run writable, whatever other settings say.
        properties.put("ReadOnlyPaths", paths(KernelFilesystems.unchangeable()));
        // Includes the mounts below; read-only mounts stay read-only.
        properties.put("ReadWritePaths", paths(Stream.concat(Stream.of(machine.file("root").toString()),
                KernelFilesystems.controlGroups("machine.slice", machine.unit()))));
        // systemd-nspawn reads settings from this directory first.
        properties.put("InaccessiblePaths", paths(Stream.of("-/etc/systemd/nspawn")));
        // Directories in which systemd-nspawn prepares mounts; those of other machines must not be visible.
        properties.put("TemporaryFileSystem", new Variant<>(new Object[][] {{"/tmp", ""}, {"/var/tmp", ""}, {"/run/systemd/nspawn", ""}},
                "a(ss)"));
    }

    private static Variant<?> paths(Stream<String> paths) {
        return new Variant<>(paths.toArray(String[]::new));
    }
}
