package org.example.piimages.daemon.bus.object;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.example.piimages.daemon.bus.gate.BusObject;
import org.example.piimages.daemon.bus.gate.CallThreads;
import org.example.piimages.daemon.bus.gate.Caller;
import org.example.piimages.daemon.bus.gate.Polkit;
import org.example.piimages.daemon.emulation.Interpreters;
import org.example.piimages.daemon.image.Images;
import org.example.piimages.daemon.image.MachineImages;
import org.example.piimages.daemon.image.SubordinateIds;
import org.example.piimages.daemon.image.mount.ImageRecord;
import org.example.piimages.daemon.image.mount.Owner;
import org.example.piimages.daemon.image.system.MountPlan;
import org.example.piimages.daemon.job.Job;
import org.example.piimages.daemon.job.JobListener;
import org.example.piimages.daemon.job.Jobs;
import org.example.piimages.daemon.machine.Machines;
import org.example.piimages.daemon.machine.RunningMachine;
import org.example.piimages.daemon.machine.record.MachineMode;
import org.example.piimages.daemon.machine.record.MachineRecord;
import org.example.piimages.daemon.machine.record.Network;

/** One bus object of each kind, for an image and a machine that exist only as records. */
public final class BusObjects {

    public static final int OWNER = 1000;
    public static final Caller OTHER = new Caller(":1.2", 1001, 1001, new int[] {1001}, 0, false);
    public static final Caller SELF = new Caller(":1.1", OWNER, OWNER, new int[] {OWNER}, 0, false);

    static final ImageRecord IMAGE = new ImageRecord("7_0_12", "/home/a/pi.img", new Owner(OWNER, OWNER), Path.of("/nowhere/mnt"), true,
            true, MountPlan.Rule.OS_RELEASE, 5, List.of(), List.of());
    static final MachineRecord MACHINE = new MachineRecord("pi-2", OWNER, ":1.1", "7_0_12", "/home/a/pi.img",
            List.of("sh", "-c", "true"), "armv7l", "qemu-arm", List.of("dash", "sed"), false,
            new MachineMode(false, false, false, Network.HOST), 6);

    private BusObjects() {
    }

    public static BusObject manager() {
        SubordinateIds accounts = SubordinateIds.ofHost();
        Images images = new Images(accounts);
        Interpreters interpreters = new Interpreters();
        Machines machines = new Machines(accounts, new MachineImages(images), interpreters, null, null, null, Runnable::run, null);
        Polkit polkit = new Polkit(null, null);
        ImageOperations imageOperations = new ImageOperations(images, machines, polkit, new CallThreads(), new ObjectSignals(null));
        MachineOperations machineOperations = new MachineOperations(imageOperations, machines, null, null);
        JobOperations jobs = new JobOperations(images, null, polkit, new CallThreads(), null);
        BusObject manager =
                ManagerObject.of(imageOperations, machineOperations, new InterpreterOperations(imageOperations, interpreters), jobs,
                        new DeviceOperations(images, jobs),
                        new ManagerLists(images, machines, interpreters));
        new DiagnosisOperations(imageOperations, null).addTo(manager);
        new DescriptionOperations(imageOperations, null).addTo(manager);
        return manager;
    }

    public static BusObject image() {
        return ImageObject.of(IMAGE, null, null, new ImageArchitectures());
    }

    public static BusObject machine() {
        return MachineObject.of(new RunningMachine(MACHINE, Runnable::run), new MachineOperations(null, null, null, null) {
            @Override
            int leader(MachineRecord machine) {
                return 7;
            }
        });
    }

    /** A listener that ignores all events. */
    public static final JobListener NO_LISTENER = new JobListener() {
        @Override
        public void added(Job job) {
        }

        @Override
        public void changed(Job job) {
        }

        @Override
        public void removed(Job job) {
        }
    };

    /** A job that never starts. */
    static BusObject job() {
        Job job = new Jobs(work -> {}, null, NO_LISTENER, uid -> uid).start("grow", "/home/a/pi.img", OWNER, progress -> Map.of())
                .orElseThrow();
        return JobObject.of(job, null);
    }

    public static List<BusObject> all() {
        return List.of(manager(), image(), machine(), job());
    }
}
