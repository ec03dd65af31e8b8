package org.example.piimages.daemon.bus;

import java.nio.file.Path;
import java.util.List;
import org.example.piimages.daemon.emulation.Interpreters;
import org.example.piimages.daemon.image.ImageRecord;
import org.example.piimages.daemon.image.Images;
import org.example.piimages.daemon.image.MachineImages;
import org.example.piimages.daemon.image.MountPlan;
import org.example.piimages.daemon.image.Owner;
import org.example.piimages.daemon.machine.MachineMode;
import org.example.piimages.daemon.machine.MachineRecord;
import org.example.piimages.daemon.machine.Machines;
import org.example.piimages.daemon.machine.Network;
import org.example.piimages.daemon.machine.RunningMachine;

/** One object of each kind, over an image and a machine that are on paper only. */
final class Objects {

    static final int OWNER = 1000;
    static final Caller OTHER = new Caller(":1.2", 1001, new int[] {1001}, 0, false);
    static final Caller SELF = new Caller(":1.1", OWNER, new int[] {OWNER}, 0, false);

    static final ImageRecord IMAGE = new ImageRecord("7_0_12", "/home/a/pi.img", new Owner(OWNER, OWNER), Path.of("/nowhere/mnt"), true,
            true, MountPlan.Rule.OS_RELEASE, 5, List.of());
    static final MachineRecord MACHINE = new MachineRecord("pi-2", OWNER, ":1.1", "7_0_12", "/home/a/pi.img",
            List.of("sh", "-c", "true"), "armv7l", "qemu-arm", false, new MachineMode(false, false, false, Network.HOST), 6);

    private Objects() {
    }

    static BusObject manager() {
        Images images = new Images();
        Interpreters interpreters = new Interpreters();
        Machines machines = new Machines(new MachineImages(images), interpreters, null, null, Runnable::run, null);
        Operations operations = new Operations(images, machines, new Polkit(null, null), Runnable::run, new Announcements(null));
        MachineOperations machineOperations = new MachineOperations(operations, machines, null, null);
        return ManagerObject.of(operations, machineOperations, new DiagnosisOperations(operations, null),
                new Listings(images, machines, interpreters));
    }

    static BusObject image() {
        return ImageObject.of(IMAGE, null, null);
    }

    static BusObject machine() {
        return MachineObject.of(new RunningMachine(MACHINE), new MachineOperations(null, null, null, null) {
            @Override
            int leader(MachineRecord machine) {
                return 7;
            }
        });
    }

    static List<BusObject> all() {
        return List.of(manager(), image(), machine());
    }
}
