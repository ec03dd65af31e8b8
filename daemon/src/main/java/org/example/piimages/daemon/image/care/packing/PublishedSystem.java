package org.example.piimages.daemon.image.care.packing;

import java.util.List;
import java.util.Set;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.disk.Printable;

/**
 * What is published of an image's system beside its bytes: the caller knows it, who may look into the image.
 *
 * @param name what people call it; empty for the name of the file
 * @param initFormat how Raspberry Pi Imager sets it up before its first boot
 * @param architecture of its programs
 */
public record PublishedSystem(String name, String initFormat, Architecture architecture) {

    /** What Raspberry Pi Imager knows; none is for a system that it cannot set up. */
    private static final Set<String> INIT_FORMATS = Set.of("systemd", "cloudinit", "cloudinit-rpi", "rpi-preseed", "none");

    /** The CPUs of Raspberry Pi computers, and which models have them. */
    public enum Architecture {
        /** 32-bit, all models. */
        ARMV6L("armhf", "pi5-32bit pi4-32bit pi3-32bit pi2-32bit pi1-32bit"),
        /** 32-bit, all but the first model and Zero. */
        ARMV7L("armhf", "pi5-32bit pi4-32bit pi3-32bit pi2-32bit"),
        /** 64-bit. */
        AARCH64("armv8", "pi5-64bit pi4-64bit pi3-64bit"),
        /** Not known: people have to choose. */
        UNKNOWN("", AARCH64.devices + " " + ARMV6L.devices);

        private final String title;
        private final String devices;

        Architecture(String title, String devices) {
            this.title = title;
            this.devices = devices;
        }

        /** Raspberry Pi Imager's name for it; empty where there is none. */
        String title() {
            return title;
        }

        /** Raspberry Pi Imager's names of the models that execute its programs. */
        public List<String> devices() {
            return List.of(devices.split(" "));
        }
    }

    /**
     * By the words of the contract.
     *
     * @param initFormat empty for none
     * @param architecture as uname(1) has it; empty where it is not known
     * @throws Failure INVALID_ARGUMENT for a word that is not one of them
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
