package org.example.piimages.daemon.bus;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Function;
import org.example.piimages.daemon.bus.gate.BusObject;
import org.example.piimages.daemon.bus.gate.CallThreads;
import org.example.piimages.daemon.bus.gate.Contract;
import org.example.piimages.daemon.bus.gate.DisconnectWatch;
import org.example.piimages.daemon.bus.gate.Gate;
import org.example.piimages.daemon.bus.gate.ObjectTree;
import org.example.piimages.daemon.bus.gate.Polkit;
import org.example.piimages.daemon.bus.object.CardWatch;
import org.example.piimages.daemon.bus.object.DescriptionOperations;
import org.example.piimages.daemon.bus.object.DeviceOperations;
import org.example.piimages.daemon.bus.object.DiagnosisOperations;
import org.example.piimages.daemon.bus.object.ImageArchitectures;
import org.example.piimages.daemon.bus.object.ImageOperations;
import org.example.piimages.daemon.bus.object.InterpreterOperations;
import org.example.piimages.daemon.bus.object.JobOperations;
import org.example.piimages.daemon.bus.object.JobSignals;
import org.example.piimages.daemon.bus.object.LiveObjects;
import org.example.piimages.daemon.bus.object.MachineOperations;
import org.example.piimages.daemon.bus.object.ManagerLists;
import org.example.piimages.daemon.bus.object.ManagerObject;
import org.example.piimages.daemon.bus.object.ObjectSignals;
import org.example.piimages.daemon.diagnosis.Diagnosis;
import org.example.piimages.daemon.emulation.Interpreters;
import org.example.piimages.daemon.image.Images;
import org.example.piimages.daemon.image.RemovedCards;
import org.example.piimages.daemon.job.JobListener;
import org.example.piimages.daemon.job.Jobs;
import org.example.piimages.daemon.machine.GuestCommands;
import org.example.piimages.daemon.machine.MachineListener;
import org.example.piimages.daemon.machine.Machines;
import org.example.piimages.dbus.BusConnection;

/** Assembles the daemon's bus service: the objects, their operations, and the gate through which calls arrive. */
public final class Service {

    private final Gate gate;
    private final Machines machines;
    private final Jobs jobs;
    private final CardWatch cards;

    /**
     * Creates the objects.
     *
     * @param machinesFor creates the machines, given the listener that announces them
     * @param jobsFor creates the jobs, given the listener that announces them
     * @param diagnosisFor creates the diagnosis, given the machines, of which it starts one as a trial
     */
    public Service(BusConnection bus, Images images, Interpreters interpreters, Function<MachineListener, Machines> machinesFor,
            GuestCommands commands, Function<JobListener, Jobs> jobsFor, Function<Machines, Diagnosis> diagnosisFor,
            Contract contract) {
        CallThreads threads = new CallThreads();
        ObjectSignals signals = new ObjectSignals(bus);
        this.machines = machinesFor.apply(signals);
        this.cards = new CardWatch(new RemovedCards(images), machines, signals);
        DisconnectWatch disconnects = new DisconnectWatch(bus);
        Polkit polkit = new Polkit(bus, disconnects);
        ImageOperations imageOperations = new ImageOperations(images, machines, polkit, threads, signals);
        MachineOperations machineOperations = new MachineOperations(imageOperations, machines, commands, disconnects);
        JobSignals jobSignals = new JobSignals(signals);
        this.jobs = jobsFor.apply(jobSignals);
        JobOperations jobOperations = new JobOperations(images, jobs, polkit, threads, disconnects);
        ManagerLists lists = new ManagerLists(images, machines, interpreters);
        DeviceOperations devices = new DeviceOperations(images, jobOperations);
        BusObject manager = ManagerObject.of(imageOperations, machineOperations, new InterpreterOperations(imageOperations, interpreters),
                jobOperations, devices, lists);
        new DiagnosisOperations(imageOperations, diagnosisFor.apply(machines)).addTo(manager);
        new DescriptionOperations(imageOperations, images).addTo(manager);
        LiveObjects objects =
                new LiveObjects(images, machines, jobs, imageOperations, machineOperations, jobOperations, new ImageArchitectures());
        ObjectTree tree = new ObjectTree(contract, manager, objects, Service::machineId);
        signals.connect(tree, objects);
        jobSignals.connect(tree, objects);
        this.gate = new Gate(bus, contract, tree, threads);
    }

    private static String machineId() {
        try {
            return Files.readString(Path.of("/etc/machine-id")).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The gate, which accepts the calls. */
    public Gate gate() {
        return gate;
    }

    /** The machines, for the component that is notified when one ends. */
    public Machines machines() {
        return machines;
    }

    /** The watch over the cards in use. */
    public CardWatch cards() {
        return cards;
    }

    /**
     * Whether the daemon must keep running although no call is in progress: a machine or a job is running, or a card is mounted. A mounted
     * image file does not require the daemon.
     */
    public boolean isNeeded() {
        return !machines.all().isEmpty() || !jobs.all().isEmpty() || cards.isNeeded();
    }
}
