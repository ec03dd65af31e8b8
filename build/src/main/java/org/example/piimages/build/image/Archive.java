package org.example.piimages.build.image;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Packs and unpacks archives with the host's tar(1) and unzip(1), which run with the rights of the calling process. */
public final class Archive {

    /** An argument of unzip, which has no option for this. */
    private static final String STANDARD_INPUT = "/dev/stdin";

    private Archive() {
    }

    /** Packs the contents of {@code from} into a new tar archive in {@code directory}; all members are owned by root. */
    public static Path pack(Path from, Path directory) throws IOException {
        Path archive = Files.createTempFile(directory, "archive", ".tar");
        List<String> command = new ArrayList<>(List.of("tar", "--create", "--file", archive.toString(), "--owner=0", "--group=0",
                "--numeric-owner", "--directory", from.toString(), "--"));
        // The members are named one by one: "." would apply the mode of this directory to the one that the archive is unpacked into.
        try (Stream<Path> files = Files.list(from)) {
            files.forEach(file -> command.add("./" + file.getFileName()));
        }
        if (command.get(command.size() - 1).equals("--")) {
            command.add(".");
        }
        HostTool.run(command);
        return archive;
    }

    /** Unpacks an archive into a directory: a .zip file with unzip(1), everything else with tar(1). */
    public static void unpack(Path archive, Path directory) throws IOException {
        String name = archive.getFileName().toString().toLowerCase(Locale.ROOT);
        if (name.endsWith(".zip")) {
            // As standard input, because unzip expands [, * and ? in the name. Without -P, it asks the terminal for a missing password.
            HostTool.run(List.of("unzip", "-q", "-o", "-P", "", STANDARD_INPUT, "-d", directory.toString()), archive);
        } else {
            HostTool.run(List.of("tar", "--extract", "--preserve-permissions", "--no-same-owner", "--file", archive.toString(),
                    "--directory", directory.toString()));
        }
    }
}
