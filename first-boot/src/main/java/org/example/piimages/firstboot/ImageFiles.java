package org.example.piimages.firstboot;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** The files of a mounted image that say what its system is, and those on its boot partition. */
final class ImageFiles {

    private static final List<String> BOOT_PLACES = List.of("boot/firmware", "boot");
    private static final List<String> BOOT_FILES = List.of("cmdline.txt", "config.txt", "dietpi.txt");

    private final Folder folder;
    private final String boot;

    private ImageFiles(Folder folder, String boot) {
        this.folder = folder;
        this.boot = boot;
    }

    /**
     * Looks at an image.
     *
     * @param mountPoint where its root is
     * @throws FirstBootException when there is no boot partition in it
     */
    static ImageFiles of(Path mountPoint) throws FirstBootException {
        Folder folder = new Folder(mountPoint);
        for (String place : BOOT_PLACES) {
            for (String file : BOOT_FILES) {
                if (folder.hasFile(place + "/" + file)) {
                    return new ImageFiles(folder, place);
                }
            }
        }
        throw FirstBootException.image("found no boot partition in the image: none of cmdline.txt, config.txt, dietpi.txt is in boot or"
                + " boot/firmware; if the image is mounted without it, unmount the image first");
    }

    /** The same for a look at the root alone, whether or not there is a boot partition. */
    static ImageFiles withoutBoot(Path mountPoint) {
        return new ImageFiles(new Folder(mountPoint), BOOT_PLACES.get(0));
    }

    Folder folder() {
        return folder;
    }

    /** The path of a file on the boot partition, from the image's root. */
    String inBoot(String file) {
        return boot + "/" + file;
    }

    /** Whether the image has that file. */
    boolean has(String path) throws FirstBootException {
        return folder.hasFile(path);
    }

    /** Whether the image has a unit of that name; before Debian 12, units can lie in a lib of their own. */
    boolean hasUnit(String unit) throws FirstBootException {
        return has("usr/lib/systemd/system/" + unit) || has("lib/systemd/system/" + unit) || has("etc/systemd/system/" + unit);
    }

    /** The file's text, empty where there is none. */
    String text(String path) throws FirstBootException {
        return has(path) ? new String(folder.read(path), StandardCharsets.UTF_8) : "";
    }

    /**
     * The text of a file on the boot partition, or null. Throws {@link FirstBootException} for a link, what is no file, and what is no
     * UTF-8: it would be written back as something else.
     */
    String bootText(String file) throws FirstBootException {
        byte[] content = bootContent(file);
        try {
            return content == null ? null : StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(content)).toString();
        } catch (CharacterCodingException e) {
            throw FirstBootException
                    .image("cannot use " + inBoot(file) + " in the image: it is not UTF-8 text; convert or remove it");
        }
    }

    /** The bytes of a file on the boot partition, or null. Throws {@link FirstBootException} for a link, or what is no file. */
    byte[] bootContent(String file) throws FirstBootException {
        return folder.read(inBoot(file));
    }

    KernelCommandLine commandLine() throws FirstBootException {
        return KernelCommandLine.of(folder.read(inBoot(KernelCommandLine.FILE)));
    }

    /** A value of os-release(5), empty where it is not said. */
    String osRelease(String key) throws FirstBootException {
        String file = has("usr/lib/os-release") ? "usr/lib/os-release" : "etc/os-release";
        return text(file).lines().filter(line -> line.startsWith(key + "=")).findFirst()
                .map(line -> line.substring(key.length() + 1).replaceAll("^[\"']|[\"']$", "")).orElse("");
    }

    boolean isUbuntu() throws FirstBootException {
        return osRelease("ID").equals("ubuntu");
    }

    /** Whether it is Raspberry Pi OS, or made of its packages. */
    boolean isRaspberryPiOs() throws FirstBootException {
        return has("etc/rpi-issue") || folder.hasFolder("usr/lib/raspberrypi-sys-mods");
    }

    /** The number of the image's own user of that name; -1 where there is none. */
    int userId(String name) throws FirstBootException {
        return text("etc/passwd").lines().filter(line -> line.startsWith(name + ":")).map(line -> line.split(":", -1))
                .filter(fields -> fields.length > 2 && fields[2].matches("[0-9]{1,9}")).mapToInt(fields -> Integer.parseInt(fields[2]))
                .findFirst().orElse(-1);
    }

    /** Which hashes of passwords the image makes itself, by its PAM configuration. */
    String hashPrefix() throws FirstBootException {
        return text("etc/pam.d/common-password").contains("yescrypt") ? PasswordHash.YESCRYPT : PasswordHash.SHA512;
    }
}
