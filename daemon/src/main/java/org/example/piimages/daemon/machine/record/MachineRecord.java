package org.example.piimages.daemon.machine.record;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.example.piimages.daemon.linux.file.Event;
import org.example.piimages.daemon.linux.file.RunDirectory;

/**
 * The stored description of a machine, in its directory below /run/piimages/machines; systemd knows whether it runs.
 *
 * @param name the machine's name in machined
 * @param owner the uid of the user who started it
 * @param caller the unique bus name of the connection that requested it, which the bus does not reuse; empty for the daemon itself
 * @param image the ID of the mounted image it runs in; empty if the image is held for this machine only
 * @param file the image's path as given by its owner
 * @param command the program and its arguments; empty if the image's own init runs
 * @param architecture the image's CPU as named by uname -m
 * @param interpreter the binfmt_misc entry that runs its programs; empty if they run natively
 * @param hostTools the host's packages whose programs replace the image's; empty if none do
 * @param systemd whether the image's init, if that is what runs, is systemd
 * @param mode the mode of the machine
 * @param since the time at which it was started, in microseconds since the epoch
 */
public record MachineRecord(String name, int owner, String caller, String image, String file, List<String> command, String architecture,
        String interpreter, List<String> hostTools, boolean systemd, MachineMode mode, long since) {

    private static final Path DIRECTORY = RunDirectory.ROOT.resolve("machines");

    public MachineRecord {
        command = List.copyOf(command);
        hostTools = List.copyOf(hostTools);
    }

    /** Returns the directory that holds the directories of all machines. */
    public static Path directories() {
        return DIRECTORY;
    }

    /** Returns the machine's own directory: record, mount points, result. */
    public Path directory() {
        return DIRECTORY.resolve(name);
    }

    /** Returns the machine's transient unit. */
    public String unit() {
        return unitOf(name);
    }

    /** Returns the transient unit of the machine of that name. */
    static String unitOf(String name) {
        return "piimages-" + name + ".service";
    }

    /** Returns the path of a file in its directory. */
    public Path file(String entry) {
        return directory().resolve(entry);
    }

    /** Returns the stored form, for {@link #of}. */
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

    /**
     * Reads a stored record.
     *
     * @throws IllegalArgumentException if the properties are not a record
     */
    public static MachineRecord of(Properties properties) {
        List<String> command = new ArrayList<>();
        int count = RunDirectory.requireCount(properties, "arguments", Integer.MAX_VALUE);
        for (int i = 0; i < count; i++) {
            command.add(RunDirectory.require(properties, "argument." + i));
        }
        return new MachineRecord(RunDirectory.require(properties, "name"),
                Integer.parseUnsignedInt(RunDirectory.require(properties, "owner")),
                RunDirectory.require(properties, "caller"), RunDirectory.require(properties, "image"),
                RunDirectory.require(properties, "file"),
                command, RunDirectory.require(properties, "architecture"),
                RunDirectory.require(properties, "interpreter"), words(properties.getProperty("host-tools", "")),
                Boolean.parseBoolean(RunDirectory.require(properties, "systemd")), MachineMode.of(properties),
                Long.parseLong(RunDirectory.require(properties, "since")));
    }

    /** Adds the fields that describe this machine to an event. */
    public Event about(Event event) {
        return event.with("MACHINE", name).with("UNIT", unit()).with("IMAGE", file).with("OWNER_UID", Integer.toUnsignedString(owner));
    }
}
