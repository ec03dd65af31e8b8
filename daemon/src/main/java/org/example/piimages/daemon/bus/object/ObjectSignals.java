package org.example.piimages.daemon.bus.object;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.example.piimages.contract.Names;
import org.example.piimages.daemon.bus.gate.BusObject;
import org.example.piimages.daemon.bus.gate.Caller;
import org.example.piimages.daemon.bus.gate.ObjectTree;
import org.example.piimages.daemon.image.mount.ImageRecord;
import org.example.piimages.daemon.machine.MachineListener;
import org.example.piimages.daemon.machine.RunningMachine;
import org.example.piimages.daemon.machine.record.MachineRecord;
import org.example.piimages.dbus.BusConnection;
import org.freedesktop.dbus.types.UInt32;
import org.freedesktop.dbus.types.Variant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Announces on the bus that images and machines appear, change and disappear. The signals are broadcast, and carry only what all users may
 * know.
 */
public final class ObjectSignals implements MachineListener {

    private static final Logger LOG = LoggerFactory.getLogger(ObjectSignals.class);

    private final BusConnection bus;
    private ObjectTree tree;
    private LiveObjects objects;

    public ObjectSignals(BusConnection bus) {
        this.bus = bus;
    }

    /** Sets the objects to announce. Not set by the constructor, because the objects' methods make announcements. */
    public void connect(ObjectTree objectTree, LiveObjects liveObjects) {
        this.tree = objectTree;
        this.objects = liveObjects;
    }

    /** Announces an image. Called from the call of the owner that mounted it, which may therefore read the image's files. */
    void imageAdded(ImageRecord image) {
        objects.architectures().of(image, true);
        added(objects.of(image));
    }

    void imageRemoved(String id) {
        objects.architectures().forget(id);
        removed(ImageObject.path(id), Names.IMAGE);
    }

    @Override
    public void started(RunningMachine running) {
        MachineRecord machine = running.machine();
        added(objects.of(running));
        fromManager(Names.MANAGER, "MachineNew", "so", machine.name(), MachineObject.path(machine.name()));
    }

    @Override
    public void changed(RunningMachine running) {
        Map<String, Variant<?>> changed = Map.of("State", new Variant<>(running.state()),
                "Leader", new Variant<>(new UInt32(objects.machineOperations().leader(running.machine()))));
        signal(MachineObject.path(running.machine().name()), ObjectTree.PROPERTIES, "PropertiesChanged", "sa{sv}as", Names.MACHINE,
                changed, List.of());
    }

    @Override
    public void ended(MachineRecord machine, int status) {
        removed(MachineObject.path(machine.name()), Names.MACHINE);
        fromManager(Names.MANAGER, "MachineRemoved", "soi", machine.name(), MachineObject.path(machine.name()), status);
    }

    void added(BusObject object) {
        Map<String, ?> interfaces = tree.describe(object, Caller.EVERYBODY);
        fromManager(ObjectTree.OBJECT_MANAGER, "InterfacesAdded", "oa{sa{sv}}", object.path(), interfaces);
    }

    void removed(String path, String interfaceName) {
        fromManager(ObjectTree.OBJECT_MANAGER, "InterfacesRemoved", "oas", path, List.of(interfaceName));
    }

    private void fromManager(String interfaceName, String member, String signature, Object... values) {
        signal(Names.MANAGER_PATH, interfaceName, member, signature, values);
    }

    /** Broadcasts a signal. A failure is only written to the journal. */
    void signal(String path, String interfaceName, String member, String signature, Object... values) {
        try {
            bus.signal(path, interfaceName, member, signature, values);
        } catch (IOException | IllegalArgumentException e) {
            LOG.error("cannot announce {}: {}", member, e.getMessage());
        }
    }
}
