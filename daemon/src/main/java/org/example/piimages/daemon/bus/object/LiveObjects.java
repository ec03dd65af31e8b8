package org.example.piimages.daemon.bus.object;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.example.piimages.contract.Names;
import org.example.piimages.daemon.bus.gate.BusObject;
import org.example.piimages.daemon.bus.gate.ObjectTree;
import org.example.piimages.daemon.image.Images;
import org.example.piimages.daemon.image.mount.ImageRecord;
import org.example.piimages.daemon.job.Job;
import org.example.piimages.daemon.job.Jobs;
import org.example.piimages.daemon.machine.Machines;
import org.example.piimages.daemon.machine.RunningMachine;

/** The objects of the current images, machines and jobs. */
public record LiveObjects(Images images, Machines machines, Jobs jobs, ImageOperations imageOperations, MachineOperations machineOperations,
        JobOperations jobOperations, ImageArchitectures architectures) implements ObjectTree.Others {

    BusObject of(ImageRecord image) {
        return ImageObject.of(image, imageOperations, machineOperations, architectures);
    }

    BusObject of(RunningMachine machine) {
        return MachineObject.of(machine, machineOperations);
    }

    BusObject of(Job job) {
        return JobObject.of(job, jobOperations);
    }

    @Override
    public List<BusObject> all() {
        List<BusObject> objects = new ArrayList<>();
        try {
            images.all().forEach(image -> objects.add(of(image)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        objects.addAll(machinesAndJobs());
        return objects;
    }

    @Override
    public Optional<BusObject> find(String path) {
        if (!path.startsWith(Names.IMAGE_PATH_PREFIX)) {
            return machinesAndJobs().stream().filter(object -> object.path().equals(path)).findFirst();
        }
        try {
            return images.find(path.substring(Names.IMAGE_PATH_PREFIX.length())).map(this::of);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<BusObject> machinesAndJobs() {
        List<BusObject> objects = new ArrayList<>();
        machines.all().forEach(machine -> objects.add(of(machine)));
        jobs.all().forEach(job -> objects.add(of(job)));
        return objects;
    }
}
