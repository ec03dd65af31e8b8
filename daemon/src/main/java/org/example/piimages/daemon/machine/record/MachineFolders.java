package org.example.piimages.daemon.machine.record;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.function.Predicate;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.linux.block.LoopMarkers;
import org.example.piimages.daemon.linux.file.RunFolder;
import org.example.piimages.daemon.linux.mount.MountTable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The machines' folders in /run/piimages/machines: whoever makes one has the name. */
public final class MachineFolders {

    private static final Logger LOG = LoggerFactory.getLogger(MachineFolders.class);

    private MachineFolders() {
    }

    /**
     * Claims a name by making its folder.
     *
     * @param wanted empty to make a name of the file's
     * @throws Failure BUSY when the wanted name is taken, INVALID_ARGUMENT when it is none
     */
    public static String claim(String wanted, String file) throws IOException {
        Files.createDirectories(MachineRecord.folders());
        if (!wanted.isEmpty()) {
            MachineName.require(wanted);
        }
        String stem = wanted.isEmpty() ? MachineName.of(file) : wanted;
        for (int suffix = 1;; suffix++) {
            String name = suffix == 1 ? stem : stem + "-" + suffix;
            try {
                Files.createDirectory(MachineRecord.folders().resolve(name),
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
                return name;
            } catch (FileAlreadyExistsException e) {
                if (!wanted.isEmpty()) {
                    throw new Failure(Failure.Kind.BUSY, "a machine named " + wanted + " is already running", e);
                }
            }
        }
    }

    /** Unmounts what a machine left and removes its folder. */
    public static void tidy(Path folder) throws IOException {
        for (Path place : RunFolder.entries(folder)) {
            MountTable.detach(place);
        }
        RunFolder.removeFolder(folder);
        LoopMarkers.sweep();
    }

    /** The unit of the machine whose folder it is. */
    public static String unit(Path folder) {
        return MachineRecord.unitOf(folder.getFileName().toString());
    }

    /**
     * What to do with the folder of a machine whose record cannot be read: that costs the machine its place on the bus, and nobody the
     * daemon. What still runs is left to systemd.
     *
     * @param known whether systemd knows a unit
     */
    public static void setAside(Path folder, Predicate<String> known) {
        try {
            Path record = folder.resolve("record");
            if (Files.exists(record)) {
                LOG.error("the record is kept as {}; if the machine is still running, stop it: systemctl stop {}",
                        RunFolder.setAside(record),
                        unit(folder));
            }
            if (!known.test(unit(folder))) {
                tidy(folder);
            }
        } catch (IOException | RuntimeException e) {
            LOG.error("cannot tidy up {}: {}", folder, e.getMessage());
        }
    }
}
