package org.example.piimages.daemon.machine;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.example.piimages.daemon.linux.RunFolder;

/**
 * What we remember of a machine, in its folder below /run/piimages/machines; whether it runs is asked of systemd.
 *
 * @param name what machined calls it
 * @param owner the uid of who started it
 * @param caller the bus name of the connection that asked for it; never given to another
 * @param image the id of the mounted image it runs in; empty when the image is held for this machine alone
 * @param file the image's path as its owner called it
 * @param command the program and its arguments; empty where the image's own init is what runs
 * @param architecture the image's CPU as uname -m names it
 * @param interpreter the binfmt_misc entry that runs its programs; empty when they run natively
 * @param systemd whether the image's init, where that is what runs, is systemd
 * @param mode what kind of machine it is
 * @param since when it was started, microseconds since the epoch
 */
public record MachineRecord(String name, int owner, String caller, String image, String file, List<String> command, String architecture,
        String interpreter, boolean systemd, MachineMode mode, long since) {

    private static final Path FOLDER = RunFolder.ROOT.resolve("machines");

    public MachineRecord {
        command = List.copyOf(command);
    }

    /** The folder that holds all machines' folders. */
    static Path folders() {
        return FOLDER;
    }

    /** The machine's own folder: record, mount points, result. */
    public Path folder() {
        return FOLDER.resolve(name);
    }

    /** The transient unit it is. */
    public String unit() {
        return "piimages-" + name + ".service";
    }

    Path file(String entry) {
        return folder().resolve(entry);
    }

    Properties toProperties() {
        Properties properties = new Properties();
        properties.setProperty("name", name);
        properties.setProperty("owner", Integer.toUnsignedString(owner));
        properties.setProperty("caller", caller);
        properties.setProperty("image", image);
        properties.setProperty("file", file);
        properties.setProperty("architecture", architecture);
        properties.setProperty("interpreter", interpreter);
        properties.setProperty("systemd", String.valueOf(systemd));
        mode.store(properties);
        properties.setProperty("since", String.valueOf(since));
        properties.setProperty("arguments", String.valueOf(command.size()));
        for (int i = 0; i < command.size(); i++) {
            properties.setProperty("argument." + i, command.get(i));
        }
        return properties;
    }

    static MachineRecord of(Properties properties) {
        List<String> command = new ArrayList<>();
        for (int i = 0; i < Integer.parseInt(properties.getProperty("arguments")); i++) {
            command.add(properties.getProperty("argument." + i));
        }
        return new MachineRecord(properties.getProperty("name"), Integer.parseUnsignedInt(properties.getProperty("owner")),
                properties.getProperty("caller"), properties.getProperty("image"), properties.getProperty("file"), command,
                properties.getProperty("architecture"),
                properties.getProperty("interpreter"), Boolean.parseBoolean(properties.getProperty("systemd")),
                MachineMode.of(properties), Long.parseLong(properties.getProperty("since")));
    }
}
