package org.example.piimages.daemon.bus.object;

import java.util.List;
import java.util.Locale;
import org.example.piimages.contract.Names;
import org.example.piimages.daemon.bus.gate.BusObject;
import org.example.piimages.daemon.image.mount.ImageRecord;
import org.example.piimages.daemon.image.system.MountPlan;

/** The bus object of a mounted image. */
final class ImageObject {

    private ImageObject() {
    }

    static String path(String id) {
        return Names.IMAGE_PATH_PREFIX + id;
    }

    static BusObject of(ImageRecord image, ImageOperations imageOperations, MachineOperations machines,
            ImageArchitectures architectures) {
        String interfaceName = Names.IMAGE;
        int owner = image.owner().uid();
        return new BusObject(path(image.id()))
                .method(interfaceName, "Unmount", call -> imageOperations.unmount(call, image))
                .method(interfaceName, "Run", call -> machines.run(call, image))
                .method(interfaceName, "Boot", call -> machines.boot(call, image))
                .property(interfaceName, "File", caller -> caller.mayRead(owner) ? image.file() : "")
                .property(interfaceName, "MountPoint", caller -> caller.mayRead(owner) ? image.mountPoint().toString() : "")
                .property(interfaceName, "Owner", caller -> owner)
                .property(interfaceName, "ReadOnly", caller -> image.readOnly())
                .property(interfaceName, "IdMapped", caller -> image.idMapped())
                .property(interfaceName, "Architecture", caller -> architectures.of(image, caller.mayRead(owner)))
                .property(interfaceName, "BootRule", caller -> rule(image.rule()))
                .property(interfaceName, "Partitions", caller -> image.partitions())
                .property(interfaceName, "Since", caller -> image.since())
                .property(interfaceName, "Notes", caller -> caller.mayRead(owner) ? image.notes() : List.of());
    }

    /** The name of a rule as it appears in the interface, such as {@code os-release}. */
    static String rule(MountPlan.Rule rule) {
        return rule.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
