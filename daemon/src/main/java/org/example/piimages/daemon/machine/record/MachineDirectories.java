package org.example.piimages.daemon.machine.record;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.function.Predicate;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.linux.block.LoopMarkers;
import org.example.piimages.daemon.linux.file.RunDirectory;
import org.example.piimages.daemon.linux.mount.MountTable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The directories of machines in /run/piimages/machines: creating one claims the name. */
public final class MachineDirectories {

    private static final Logger LOG = LoggerFactory.getLogger(MachineDirectories.class);

    private MachineDirectories() {
    }

    /**
     * Claims a name by creating its directory.
     *
     * @param wanted the name; empty to derive one from the name of the image file
     * @throws Failure BUSY if the name is in use, INVALID_ARGUMENT if it is not valid
     */
    public static String claim(String wanted, String file) throws IOException {
        Files.createDirectories(MachineRecord.directories());
        if (!wanted.isEmpty()) {
            MachineName.require(wanted);
        }
        String stem = wanted.isEmpty() ? MachineName.of(file) : wanted;
        for (int suffix = 1;; suffix++) {
            String name = suffix == 1 ? stem : stem + "-" + suffix;
            try {
                Files.createDirectory(MachineRecord.directories().resolve(name),
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
                return name;
            } catch (FileAlreadyExistsException e) {
                if (!wanted.isEmpty()) {
                    throw new Failure(Failure.Kind.BUSY, "a machine named " + wanted + " is already running", e);
                }
            }
        }
    }

    /** Unmounts what a machine left behind and removes its directory. */
    public static void cleanUp(Path directory) throws IOException {
        for (Path place : RunDirectory.entries(directory)) {
            MountTable.detach(place);
        }
        RunDirectory.removeDirectory(directory);
        LoopMarkers.sweep();
    }

    /** Returns the unit of the machine with this directory. */
    public static String unit(Path directory) {
        return MachineRecord.unitOf(directory.getFileName().toString());
    }

    /**
     * Handles the directory of a machine whose record cannot be read. The machine is missing from the bus, but the daemon starts; a machine
     * that is still running is left to systemd.
     *
     * @param isKnown whether systemd knows a unit
     */
    public static void setAside(Path directory, Predicate<String> isKnown) {
        try {
            Path record = directory.resolve("record");
            if (Files.exists(record)) {
                LOG.error("the record is kept as {}; if the machine is still running, stop it: systemctl stop {}",
                        RunDirectory.setAside(record),
                        unit(directory));
            }
            if (!isKnown.test(unit(directory))) {
                cleanUp(directory);
            }
        } catch (IOException | RuntimeException e) {
            LOG.error("cannot tidy up {}: {}", directory, e.getMessage());
        }
    }
}
