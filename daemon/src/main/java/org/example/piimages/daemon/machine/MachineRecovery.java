package org.example.piimages.daemon.machine;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Properties;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.example.piimages.daemon.image.mount.MachineMounts;
import org.example.piimages.daemon.linux.file.Event;
import org.example.piimages.daemon.linux.file.RunDirectory;
import org.example.piimages.daemon.machine.nspawn.UserRange;
import org.example.piimages.daemon.machine.nspawn.UserRanges;
import org.example.piimages.daemon.machine.record.MachineDirectories;
import org.example.piimages.daemon.machine.record.MachineRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Recovers machines from the records of an earlier process of the daemon. */
final class MachineRecovery {

    private static final Logger LOG = LoggerFactory.getLogger(MachineRecovery.class);

    private final Predicate<String> isKnown;
    private final UserRanges ranges;
    private final BiConsumer<MachineRecord, MachineMounts> adopt;

    /**
     * Creates a recovery.
     *
     * @param isKnown whether systemd knows a unit
     * @param ranges receives the user IDs of each machine
     * @param adopt receives each machine that was started
     */
    MachineRecovery(Predicate<String> isKnown, UserRanges ranges, BiConsumer<MachineRecord, MachineMounts> adopt) {
        this.isKnown = isKnown;
        this.ranges = ranges;
        this.adopt = adopt;
    }

    /** Recovers all readable records, removes the remains of machines that were never started, and sets unreadable records aside. */
    void recover() throws IOException {
        for (Path directory : RunDirectory.entries(MachineRecord.directories())) {
            try {
                recover(directory);
            } catch (IOException | RuntimeException e) {
                LOG.error("cannot read the machine record in {}: {}", directory, e.getMessage());
                MachineDirectories.setAside(directory, isKnown);
            }
        }
    }

    private void recover(Path directory) throws IOException {
        Optional<Properties> properties = RunDirectory.readRecord(directory.resolve("record"));
        if (properties.isPresent()) {
            MachineRecord machine = MachineRecord.of(properties.get());
            if (!machine.directory().equals(directory)) {
                throw new IllegalArgumentException("it describes another machine");
            }
            UserRange.of(properties.get()).ifPresent(range -> ranges.adopt(machine.name(), range));
            adopt.accept(machine, MachineMounts.of(properties.get(), directory));
        } else if (!isKnown.test(MachineDirectories.unit(directory))) {
            MachineDirectories.cleanUp(directory);
            Event.repaired("undone").with("MACHINE", directory.getFileName()).log("machine {} was not started; removed its remains",
                    directory.getFileName());
        }
    }
}
