package org.example.piimages.daemon.diagnosis;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.stream.Collectors;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.emulation.Architecture;
import org.example.piimages.daemon.emulation.InterpreterForecast;
import org.example.piimages.daemon.image.Images;
import org.example.piimages.daemon.image.Inspection;
import org.example.piimages.daemon.image.care.filesystem.E2fsprogs;
import org.example.piimages.daemon.image.file.ImageFile;
import org.example.piimages.daemon.image.mount.Owner;
import org.example.piimages.daemon.image.system.PartitionSelection;
import org.example.piimages.daemon.linux.block.LoopDeviceCheck;
import org.example.piimages.daemon.linux.process.BinfmtMisc;
import org.example.piimages.daemon.linux.process.Command;
import org.example.piimages.daemon.linux.process.Cpu;
import org.example.piimages.daemon.linux.process.Kernel;
import org.example.piimages.daemon.linux.process.ProgramVersion;
import org.example.piimages.daemon.linux.systemd.Systemd;
import org.example.piimages.daemon.machine.MachineStartCheck;
import org.example.piimages.daemon.machine.Machines;

/** Examines this host, or an image on it, and reports what will not work. Results are not cached. */
public final class Diagnosis {

    private final Systemd systemd;
    private final Inspection inspection;
    private final MachineStartCheck machineStartCheck;

    /**
     * Creates the diagnosis of this host.
     *
     * @param threads runs the trials
     */
    public Diagnosis(Systemd systemd, Images images, Machines machines, Executor threads) {
        this.systemd = systemd;
        this.inspection = new Inspection(images);
        this.machineStartCheck = new MachineStartCheck(machines, threads);
    }

    /** Examines the host. Returns a finding for each check, including those without a problem. */
    public CompletableFuture<List<Finding>> ofHost() throws IOException {
        HostFacts facts = facts();
        List<Finding> findings = new ArrayList<>(HostChecks.of(facts));
        if (facts.binfmtMisc()) {
            InterpreterForecast.ofRaspberryPis().forEach(forecast -> findings.add(EmulationChecks.of(forecast)));
        }
        if (!MachineStartCheck.isPossible() || !HostChecks.mayStartMachines(findings)) {
            return CompletableFuture.completedFuture(findings);
        }
        return machineStartCheck.failure().thenApply(failure -> {
            findings.add(HostChecks.machine(failure));
            return findings;
        });
    }

    /**
     * Examines an image: its partitions, filesystems, and files. An image that is not mounted is mounted temporarily, read-only and
     * detached.
     *
     * @param owner the calling user
     * @param selection the partitions that the caller selected; if the image does not have them, this is reported as a finding
     */
    public List<Finding> ofImage(ImageFile file, Owner owner, PartitionSelection selection) throws IOException {
        ImageChecks checks = new ImageChecks(Kernel::filesystems, e2fsprogs());
        if (checks.checkPartitions(file)) {
            try {
                inspection.read(file, owner, selection, checks::checkFiles);
            } catch (Failure failure) {
                checks.addInaccessible(failure);
            }
        }
        return checks.findings();
    }

    private static Optional<E2fsprogs> e2fsprogs() {
        return Command.find("e2fsck").flatMap(e2fsck -> E2fsprogs.parse(ProgramVersion.output(e2fsck.toString(), "-V")));
    }

    private HostFacts facts() throws IOException {
        Map<String, String> units = HostChecks.UNITS.stream().collect(Collectors.toMap(unit -> unit, systemd::loadState));
        Set<String> programs = HostChecks.PROGRAMS.stream().map(RequiredProgram::name).filter(name -> Command.find(name).isPresent())
                .collect(Collectors.toSet());
        return new HostFacts(Kernel.release(), Kernel.filesystems(HostChecks.FILESYSTEMS), Kernel.hasModules(), LoopDeviceCheck.failure(),
                hasBinfmtMisc(), Kernel.maxUserNamespaces(), Kernel.pageSize(), System.getProperty("os.arch").equals("aarch64"),
                Cpu.executes(Architecture.ARM.elfMachine(), Architecture.ARM.bits()), systemd.version(), units, programs);
    }

    private static boolean hasBinfmtMisc() throws IOException {
        try {
            BinfmtMisc.entries();
            return true;
        } catch (Failure e) {
            return false;
        }
    }
}
