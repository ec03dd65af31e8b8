package org.example.piimages.daemon.machine.record;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.example.piimages.daemon.linux.file.Event;
import org.example.piimages.daemon.linux.file.RunFolder;

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
 * @param hostTools the host's packages whose programs stand for the image's; none where all is the image's own
 * @param systemd whether the image's init, where that is what runs, is systemd
 * @param mode what kind of machine it is
 * @param since when it was started, microseconds since the epoch
 */
public record MachineRecord(String name, int owner, String caller, String image, String file, List<String> command, String architecture,
        String interpreter, List<String> hostTools, boolean systemd, MachineMode mode, long since) {

    private static final Path FOLDER = RunFolder.ROOT.resolve("machines");

    public MachineRecord {
        command = List.copyOf(command);
        hostTools = List.copyOf(hostTools);
    }

    /** The folder that holds all machines' folders. */
    public static Path folders() {
        return FOLDER;
    }

    /** The machine's own folder: record, mount points, result. */
    public Path folder() {
        return FOLDER.resolve(name);
    }

    /** The transient unit it is. */
    public String unit() {
        return unitOf(name);
    }

    /** The transient unit of the machine of that name. */
    static String unitOf(String name) {
        return "piimages-" + name + ".service";
    }

    /** A file in its folder. */
    public Path file(String entry) {
        return folder().resolve(entry);
    }

    /** How it is written down, for {@link #of}. */
    public Properties toProperties() {
        Properties properties = new Properties();
        properties.setProperty("name", name);
        properties.setProperty("owner", Integer.toUnsignedString(owner));
        properties.setProperty("caller", caller);
        properties.setProperty("image", image);
        properties.setProperty("file", file);
        properties.setProperty("architecture", architecture);
        properties.setProperty("interpreter", interpreter);
        properties.setProperty("host-tools", String.join(" ", hostTools));
        properties.setProperty("systemd", String.valueOf(systemd));
        mode.store(properties);
        properties.setProperty("since", String.valueOf(since));
        properties.setProperty("arguments", String.valueOf(command.size()));
        for (int i = 0; i < command.size(); i++) {
            properties.setProperty("argument." + i, command.get(i));
        }
        return properties;
    }

    private static List<String> words(String text) {
        return text.isEmpty() ? List.of() : List.of(text.split(" "));
    }

    /** Reads it again. Throws IllegalArgumentException for what is no such record. */
    public static MachineRecord of(Properties properties) {
        List<String> command = new ArrayList<>();
        int count = RunFolder.requireCount(properties, "arguments", Integer.MAX_VALUE);
        for (int i = 0; i < count; i++) {
            command.add(RunFolder.require(properties, "argument." + i));
        }
        return new MachineRecord(RunFolder.require(properties, "name"),
                Integer.parseUnsignedInt(RunFolder.require(properties, "owner")),
                RunFolder.require(properties, "caller"), RunFolder.require(properties, "image"), RunFolder.require(properties, "file"),
                command, RunFolder.require(properties, "architecture"),
                RunFolder.require(properties, "interpreter"), words(properties.getProperty("host-tools", "")),
                Boolean.parseBoolean(RunFolder.require(properties, "systemd")), MachineMode.of(properties),
                Long.parseLong(RunFolder.require(properties, "since")));
    }

    /** An event with what it is about. */
    public Event about(Event event) {
        return event.with("MACHINE", name).with("UNIT", unit()).with("IMAGE", file).with("OWNER_UID", Integer.toUnsignedString(owner));
    }
}
