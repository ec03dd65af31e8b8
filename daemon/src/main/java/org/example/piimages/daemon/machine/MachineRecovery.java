package org.example.piimages.daemon.machine;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Properties;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.example.piimages.daemon.image.MachineView;
import org.example.piimages.daemon.linux.file.Event;
import org.example.piimages.daemon.linux.file.RunFolder;
import org.example.piimages.daemon.machine.nspawn.UserRange;
import org.example.piimages.daemon.machine.nspawn.UserRanges;
import org.example.piimages.daemon.machine.record.MachineFolders;
import org.example.piimages.daemon.machine.record.MachineRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Recovers machines from the records of an earlier process of the daemon. */
final class MachineRecovery {

    private static final Logger LOG = LoggerFactory.getLogger(MachineRecovery.class);

    private final Predicate<String> isKnown;
    private final UserRanges ranges;
    private final BiConsumer<MachineRecord, MachineView> adopt;

    /**
     * Creates a recovery.
     *
     * @param isKnown whether systemd knows a unit
     * @param ranges receives the user IDs of each machine
     * @param adopt receives each machine that was started
     */
    MachineRecovery(Predicate<String> isKnown, UserRanges ranges, BiConsumer<MachineRecord, MachineView> adopt) {
        this.isKnown = isKnown;
        this.ranges = ranges;
        this.adopt = adopt;
    }

    /** Recovers all readable records, removes the remains of machines that were never started, and sets unreadable records aside. */
    void recover() throws IOException {
        for (Path folder : RunFolder.entries(MachineRecord.folders())) {
            try {
                recover(folder);
            } catch (IOException | RuntimeException e) {
                LOG.error("cannot read the machine record in {}: {}", folder, e.getMessage());
                MachineFolders.setAside(folder, isKnown);
            }
        }
    }

    private void recover(Path folder) throws IOException {
        Optional<Properties> properties = RunFolder.readRecord(folder.resolve("record"));
        if (properties.isPresent()) {
            MachineRecord machine = MachineRecord.of(properties.get());
            if (!machine.folder().equals(folder)) {
                throw new IllegalArgumentException("it describes another machine");
            }
            UserRange.of(properties.get()).ifPresent(range -> ranges.adopt(machine.name(), range));
            adopt.accept(machine, MachineView.of(properties.get(), folder));
        } else if (!isKnown.test(MachineFolders.unit(folder))) {
            MachineFolders.tidy(folder);
            Event.putRight("undone").with("MACHINE", folder.getFileName()).say("machine {} was not started; removed its remains",
                    folder.getFileName());
        }
    }
}
