package org.example.piimages.daemon.image.care.packing;

import java.util.List;
import java.util.Set;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.disk.Printable;

/**
 * The properties of an image's system that are published in its manifest. They are supplied by the caller, who may read the files in the
 * image.
 *
 * @param name the name that users see; empty for the file name
 * @param initFormat the method by which Raspberry Pi Imager customizes the system before its first boot
 * @param architecture the architecture of its programs
 */
public record PublishedSystem(String name, String initFormat, Architecture architecture) {

    /** The methods that Raspberry Pi Imager supports; "none" is for a system that it cannot customize. */
    private static final Set<String> INIT_FORMATS = Set.of("systemd", "cloudinit", "cloudinit-rpi", "rpi-preseed", "none");

    /** The CPU architectures of Raspberry Pi computers, and the models that execute them. */
    public enum Architecture {
        /** 32-bit, all models. */
        ARMV6L("armhf", "pi5-32bit pi4-32bit pi3-32bit pi2-32bit pi1-32bit"),
        /** 32-bit, all but the first model and Zero. */
        ARMV7L("armhf", "pi5-32bit pi4-32bit pi3-32bit pi2-32bit"),
        /** 64-bit. */
        AARCH64("armv8", "pi5-64bit pi4-64bit pi3-64bit"),
        /** Unknown: users have to select the model. */
        UNKNOWN("", AARCH64.devices + " " + ARMV6L.devices);

        private final String title;
        private final String devices;

        Architecture(String title, String devices) {
            this.title = title;
            this.devices = devices;
        }

        /** The name in Raspberry Pi Imager; empty if there is none. */
        String title() {
            return title;
        }

        /** The names in Raspberry Pi Imager of the models that execute programs of this architecture. */
        public List<String> devices() {
            return List.of(devices.split(" "));
        }
    }

    /**
     * Parses the arguments of the D-Bus method.
     *
     * @param initFormat the method; empty for none
     * @param architecture the architecture as uname(1) prints it; empty if unknown
     * @throws Failure INVALID_ARGUMENT for an unknown value
     */
    public static PublishedSystem of(String name, String initFormat, String architecture) {
        String format = initFormat.isEmpty() ? "none" : initFormat;
        if (!INIT_FORMATS.contains(format)) {
            throw new Failure(Failure.Kind.INVALID_ARGUMENT, Printable.quoted(initFormat) + " is not an init-format of Raspberry Pi Imager;"
                    + " use systemd, cloudinit, cloudinit-rpi, rpi-preseed or none");
        }
        return new PublishedSystem(name, format, switch (architecture) {
            case "" -> Architecture.UNKNOWN;
            case "armv6l" -> Architecture.ARMV6L;
            case "armv7l" -> Architecture.ARMV7L;
            case "aarch64" -> Architecture.AARCH64;
            default -> throw new Failure(Failure.Kind.INVALID_ARGUMENT, "no Raspberry Pi has a CPU of the architecture "
                    + Printable.quoted(architecture) + "; use armv6l, armv7l or aarch64");
        });
    }
}
