package org.example.piimages.daemon.emulation.hosttools;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.example.piimages.daemon.emulation.ElfHeader;
import org.example.piimages.daemon.linux.mount.DirectoryTree;
import org.example.piimages.daemon.linux.mount.KernelFilesystems;
import org.example.piimages.daemon.linux.process.SharedLibraries;
import org.example.piimages.libc.Fd;

/** Makes a {@link ToolTree} of what the host has installed. */
final class ToolTreeBuilder {

    /** What the script at a machine's start runs by, whatever the image's own are. */
    private static final Map<String, String> STARTERS = Map.of("/usr/bin/dash", "sh", "/usr/bin/mount", "mount");
    private static final String HOST_DEBIAN_NAME = "amd64";
    private static final String DISPATCHER = "dispatcher";

    private final ImageKind kind;
    private final Path place;
    private final Map<String, String> tools = new LinkedHashMap<>();
    private final Map<String, String> versions = new LinkedHashMap<>();

    private ToolTreeBuilder(ImageKind kind, Path directory) {
        this.kind = kind;
        this.place = directory.resolve("tools");
    }

    /**
     * Fills a new directory.
     *
     * @param emulator the static emulator that runs the images' programs
     * @return empty when this host's programs cannot be tools; the directory is of no use then
     */
    static Optional<ToolTree> build(ImageKind kind, Path emulator, Path directory) throws IOException {
        byte[] program = Files.readAllBytes(emulator);
        Optional<byte[]> dispatcher = Dispatcher.of(program);
        Optional<byte[]> loader = Relocation.loader(Files.readAllBytes(Path.of(Relocation.HOST_LOADER)));
        if (dispatcher.isEmpty() || loader.isEmpty()
                || !STARTERS.keySet().stream().allMatch(starter -> Files.isExecutable(Path.of(starter)))) {
            return Optional.empty();
        }
        ToolTreeBuilder builder = new ToolTreeBuilder(kind, directory);
        builder.createDirectories();
        builder.write(builder.place.resolve(DISPATCHER), dispatcher.get());
        builder.write(builder.place.resolve(Relocation.LOADER), loader.get());
        try (Fd root = DirectoryTree.open(Path.of("/"))) {
            DpkgDatabase host = DpkgDatabase.read(new DirectoryTree(root), ToolCatalog.packages());
            for (String name : ToolCatalog.packages()) {
                builder.add(host, name);
            }
        }
        builder.addLibraries();
        ToolTree tree = new ToolTree(directory, builder.tools, builder.versions, showsCpuInfo(program));
        tree.store();
        return Optional.of(tree);
    }

    /** qemu from 8.2 on has the name among those that it opens itself, and the versions before have it nowhere. */
    static boolean showsCpuInfo(byte[] emulator) {
        // One byte is one character.
        return new String(emulator, StandardCharsets.ISO_8859_1).contains(KernelFilesystems.CPU_INFO + "\0");
    }

    /** The empty directories are places to mount on. */
    private void createDirectories() throws IOException {
        for (String name : List.of(Dispatcher.TOOLS, Dispatcher.LINKS, Relocation.LIBRARIES, StartScript.ENTRIES)) {
            Files.createDirectories(place.resolve(name));
        }
        Files.createSymbolicLink(place.resolve(Relocation.LIBRARIES_LINK), Path.of(Relocation.LIBRARIES));
        for (Map.Entry<String, String> starter : STARTERS.entrySet()) {
            copy(Path.of(starter.getKey()), place.resolve(starter.getValue()));
        }
    }

    private void add(DpkgDatabase host, String name) throws IOException {
        Optional<String> version = host.version(name);
        if (version.isEmpty()) {
            return;
        }
        versions.put(name, version.get());
        if (!ToolCatalog.TOOLS.contains(name)) {
            return;
        }
        for (Map.Entry<String, String> file : host.checksums(name).entrySet()) {
            Path program = Path.of(file.getKey());
            if (ToolCatalog.isProgram(file.getKey()) && Files.isRegularFile(program)) {
                addTool(name, program, file.getValue());
            }
        }
    }

    /** A program that an administrator has exchanged is no tool. */
    private void addTool(String name, Path program, String md5) throws IOException {
        byte[] content = Files.readAllBytes(program);
        if (ElfHeader.parse(content).isEmpty() || !Md5.of(content).equals(md5)) {
            return;
        }
        byte[] copy = Relocation.paths(content);
        String title = program.getFileName().toString();
        write(place.resolve(Dispatcher.TOOLS).resolve(title), name.equals(ToolCatalog.DPKG)
                ? Relocation.architecture(copy, HOST_DEBIAN_NAME, kind.debianName()) : copy);
        Files.createLink(place.resolve(Dispatcher.LINKS).resolve(title), place.resolve(DISPATCHER));
        tools.put(program.toString(), name);
    }

    private void addLibraries() throws IOException {
        List<Path> programs = new ArrayList<>();
        Stream.concat(tools.keySet().stream(), STARTERS.keySet().stream()).map(Path::of).forEach(programs::add);
        for (Map.Entry<String, Path> library : SharedLibraries.of(Relocation.HOST_LOADER, programs).entrySet()) {
            copy(library.getValue(), place.resolve(Relocation.LIBRARIES).resolve(library.getKey()));
        }
        addLoadedByName();
    }

    /** What the C library loads when a locale has another character set, or nsswitch.conf names the module. */
    private void addLoadedByName() throws IOException {
        Path libraries = place.resolve(Relocation.LIBRARIES);
        Path compat = Path.of(Relocation.HOST_LIBRARIES, "libnss_compat.so.2");
        if (Files.exists(compat)) {
            copy(compat, libraries.resolve(compat.getFileName()));
        }
        Path sets = Path.of(Relocation.HOST_LIBRARIES, "gconv");
        if (Files.isDirectory(sets)) {
            Files.createDirectories(libraries.resolve("gconv"));
            try (Stream<Path> files = Files.list(sets)) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    copy(file, libraries.resolve("gconv").resolve(file.getFileName()));
                }
            }
        }
    }

    private void copy(Path from, Path to) throws IOException {
        write(to, Relocation.paths(Files.readAllBytes(from)));
    }

    private void write(Path file, byte[] content) throws IOException {
        Files.write(file, content);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
