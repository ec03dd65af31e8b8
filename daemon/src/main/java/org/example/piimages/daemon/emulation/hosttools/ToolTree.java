package org.example.piimages.daemon.emulation.hosttools;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;
import org.example.piimages.daemon.linux.file.RunDirectory;

/**
 * Copies of the host's tools for images of one CPU, in a directory below /var/cache/piimages/host-tools. Made once for each state of the
 * host's packages ({@link ToolTreeBuilder}); not changed afterwards, for machines see it.
 *
 * @param directory holds tools and the manifest
 * @param tools the packages of the tools, by the tool's path in the host's package: /bin/sed or /usr/bin/sed
 * @param versions of the packages on the host
 * @param showsCpuInfo whether the emulator shows programs a /proc/cpuinfo of its own
 */
record ToolTree(Path directory, Map<String, String> tools, Map<String, String> versions, boolean showsCpuInfo) {

    private static final String MANIFEST = "manifest";
    private static final String TOOL = "tool.";
    private static final String VERSION = "version.";
    private static final String BYTES = "bytes";
    private static final String CPU_INFO = "cpu-info";

    ToolTree {
        tools = Map.copyOf(tools);
        versions = Map.copyOf(versions);
    }

    /** The same, when its directory has got another name. */
    ToolTree movedTo(Path newDirectory) {
        return new ToolTree(newDirectory, tools, versions, showsCpuInfo);
    }

    /** What a machine sees at {@link Relocation#DIRECTORY}. */
    Path place() {
        return directory.resolve("tools");
    }

    /** Reads what a directory holds; throws IllegalArgumentException or IOException for one that is not whole. */
    static ToolTree load(Path directory) throws IOException {
        Properties manifest = RunDirectory.readRecord(directory.resolve(MANIFEST))
                .orElseThrow(() -> new IllegalArgumentException(directory + " has no manifest"));
        String bytes = RunDirectory.require(manifest, BYTES);
        if (!bytes.equals(bytes(directory))) {
            throw new IllegalArgumentException("it has " + bytes(directory) + " bytes instead of " + bytes);
        }
        return new ToolTree(directory, with(manifest, TOOL), with(manifest, VERSION),
                Boolean.parseBoolean(RunDirectory.require(manifest, CPU_INFO)));
    }

    private static Map<String, String> with(Properties manifest, String prefix) {
        Map<String, String> found = new LinkedHashMap<>();
        manifest.stringPropertyNames().stream().filter(key -> key.startsWith(prefix))
                .forEach(key -> found.put(key.substring(prefix.length()), manifest.getProperty(key)));
        return found;
    }

    /** How much is in its files: after a power cut some are short. */
    private static String bytes(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return String.valueOf(files.filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) && !file.endsWith(MANIFEST))
                    .mapToLong(file -> file.toFile().length()).sum());
        }
    }

    /** The last step of making one. */
    void store() throws IOException {
        Properties manifest = new Properties();
        tools.forEach((path, name) -> manifest.setProperty(TOOL + path, name));
        versions.forEach((name, version) -> manifest.setProperty(VERSION + name, version));
        manifest.setProperty(BYTES, bytes(directory));
        manifest.setProperty(CPU_INFO, String.valueOf(showsCpuInfo));
        RunDirectory.writeRecord(directory.resolve(MANIFEST), manifest);
    }
}
