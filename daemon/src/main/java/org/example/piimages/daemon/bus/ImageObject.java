package org.example.piimages.daemon.bus;

import java.util.List;
import java.util.Locale;
import org.example.piimages.contract.Names;
import org.example.piimages.daemon.image.ImageRecord;
import org.freedesktop.dbus.types.UInt32;
import org.freedesktop.dbus.types.UInt64;

/** A mounted image on the bus. */
final class ImageObject {

    private ImageObject() {
    }

    static String path(String id) {
        return Names.IMAGE_PATH_PREFIX + id;
    }

    static BusObject of(ImageRecord image, Operations operations, MachineOperations machines,
            Architectures architectures) {
        String interfaceName = Names.IMAGE;
        int owner = image.owner().uid();
        return new BusObject(path(image.id()))
                .method(interfaceName, "Unmount", call -> operations.unmount(call, image))
                .method(interfaceName, "Run", call -> machines.run(call, image))
                .method(interfaceName, "Boot", call -> machines.boot(call, image))
                .property(interfaceName, "File", caller -> caller.mayLookAt(owner) ? image.file() : "")
                .property(interfaceName, "MountPoint", caller -> caller.mayLookAt(owner) ? image.mountPoint().toString() : "")
                .property(interfaceName, "Owner", caller -> new UInt32(Integer.toUnsignedLong(owner)))
                .property(interfaceName, "ReadOnly", caller -> image.readOnly())
                .property(interfaceName, "IdMapped", caller -> image.idMapped())
                .property(interfaceName, "Architecture", caller -> architectures.of(image))
                .property(interfaceName, "BootRule", caller -> image.rule().name().toLowerCase(Locale.ROOT).replace('_', '-'))
                .property(interfaceName, "Partitions", caller -> partitions(image))
                .property(interfaceName, "Since", caller -> new UInt64(image.since()));
    }

    private static List<Object[]> partitions(ImageRecord image) {
        return image.partitions().stream().map(p -> new Object[] {new UInt32((int) p[0]), p[1], p[2], p[3], p[4], new UInt64((long) p[5]),
            new UInt64((long) p[6])}).toList();
    }
}
