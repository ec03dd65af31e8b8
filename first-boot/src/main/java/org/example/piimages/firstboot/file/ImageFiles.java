package org.example.piimages.firstboot.file;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.example.piimages.firstboot.failure.FirstBootException;
import org.example.piimages.firstboot.setting.PasswordHash;
import org.example.piimages.firstboot.syntax.FirmwareConfiguration;
import org.example.piimages.firstboot.syntax.KernelCommandLine;

/** Files of a mounted image: those that identify its system, and those on its boot partition. */
public final class ImageFiles {

    private static final List<String> BOOT_DIRECTORIES = List.of("boot/firmware", "boot");
    private static final List<String> BOOT_FILES = List.of("cmdline.txt", "config.txt", "dietpi.txt");

    private final Directory directory;
    private final String boot;

    private ImageFiles(Directory directory, String boot) {
        this.directory = directory;
        this.boot = boot;
    }

    /**
     * Opens an image.
     *
     * @param mountPoint the image's root directory
     * @throws FirstBootException if it contains no boot partition
     */
    public static ImageFiles of(Path mountPoint) throws FirstBootException {
        Directory directory = new Directory(mountPoint);
        for (String place : BOOT_DIRECTORIES) {
            for (String file : BOOT_FILES) {
                if (directory.hasFile(place + "/" + file)) {
                    return new ImageFiles(directory, place);
                }
            }
        }
        if (directory.hasFile("cmdline.txt") || directory.hasFile("config.txt")) {
            throw FirstBootException.image("the image contains no system that reads first-boot settings, only boot files; to change them,"
                    + " mount the image: piimagesctl mount");
        }
        throw FirstBootException.image("found no boot partition in the image: none of cmdline.txt, config.txt, dietpi.txt is in boot or"
                + " boot/firmware; if the image is mounted without it, unmount the image first");
    }

    /** Opens an image for access to its root only, whether or not it has a boot partition. */
    static ImageFiles withoutBoot(Path mountPoint) {
        return new ImageFiles(new Directory(mountPoint), BOOT_DIRECTORIES.get(0));
    }

    public Directory directory() {
        return directory;
    }

    /** Returns the path of a file on the boot partition, relative to the image's root. */
    public String inBoot(String file) {
        return boot + "/" + file;
    }

    /** Returns whether the image has that regular file. */
    public boolean has(String path) throws FirstBootException {
        return directory.hasFile(path);
    }

    /** Returns whether the image has a unit of that name; before Debian 12, lib can be separate from usr/lib. */
    public boolean hasUnit(String unit) throws FirstBootException {
        return has("usr/lib/systemd/system/" + unit) || has("lib/systemd/system/" + unit) || has("etc/systemd/system/" + unit);
    }

    /** Returns the file's text, empty if it does not exist. */
    public String text(String path) throws FirstBootException {
        return has(path) ? new String(directory.read(path), StandardCharsets.UTF_8) : "";
    }

    /**
     * Returns the text of a file on the boot partition, or null if it does not exist.
     *
     * @throws FirstBootException if it is a link, is not a regular file, or is not valid UTF-8, because it could not be written back
     *         unchanged
     */
    public String bootText(String file) throws FirstBootException {
        byte[] content = bootContent(file);
        try {
            return content == null ? null : StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(content)).toString();
        } catch (CharacterCodingException e) {
            throw FirstBootException
                    .image("cannot use " + inBoot(file) + " in the image: it is not UTF-8 text; convert or remove it");
        }
    }

    /**
     * Returns the content of a file on the boot partition, or null if it does not exist.
     *
     * @throws FirstBootException if it is a link or not a regular file
     */
    public byte[] bootContent(String file) throws FirstBootException {
        return directory.read(inBoot(file));
    }

    /**
     * Returns the path of the kernel command line, which may not exist, relative to the image's root.
     *
     * @throws FirstBootException if config.txt does not name a file on the boot partition
     */
    public String commandLineFile() throws FirstBootException {
        List<String> places = FirmwareConfiguration.parse(text(inBoot(FirmwareConfiguration.FILE))).places();
        return inBoot(has(inBoot(places.get(0))) ? places.get(0) : places.get(1));
    }

    public KernelCommandLine commandLine() throws FirstBootException {
        return KernelCommandLine.of(directory.read(commandLineFile()));
    }

    /** Returns a value of os-release(5), empty if it is not set. */
    public String osRelease(String key) throws FirstBootException {
        String file = has("usr/lib/os-release") ? "usr/lib/os-release" : "etc/os-release";
        return text(file).lines().filter(line -> line.startsWith(key + "=")).findFirst()
                .map(line -> line.substring(key.length() + 1).replaceAll("^[\"']|[\"']$", "")).orElse("");
    }

    public boolean isUbuntu() throws FirstBootException {
        return osRelease("ID").equals("ubuntu");
    }

    /** Returns whether the system is Raspberry Pi OS, or is built from its packages. */
    public boolean isRaspberryPiOs() throws FirstBootException {
        return has("etc/rpi-issue") || directory.hasDirectory("usr/lib/raspberrypi-sys-mods");
    }

    /** Returns the ID of a user in the image's etc/passwd; -1 if there is none of that name. */
    public int userId(String name) throws FirstBootException {
        return text("etc/passwd").lines().filter(line -> line.startsWith(name + ":")).map(line -> line.split(":", -1))
                .filter(fields -> fields.length > 2 && fields[2].matches("[0-9]{1,9}")).mapToInt(fields -> Integer.parseInt(fields[2]))
                .findFirst().orElse(-1);
    }

    /** Returns the prefix of the password hashes that the image itself creates, as determined from its PAM configuration. */
    public String hashPrefix() throws FirstBootException {
        return text("etc/pam.d/common-password").contains("yescrypt") ? PasswordHash.YESCRYPT : PasswordHash.SHA512;
    }
}
