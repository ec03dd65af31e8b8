package org.example.piimages.build.image;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Archives, by the host's tar(1) and unzip(1), which run as whoever runs this. */
public final class Archive {

    private Archive() {
    }

    /** A tar archive of what is in a folder, all of it root's; a new file in another folder. */
    public static Path pack(Path from, Path folder) throws IOException {
        Path archive = Files.createTempFile(folder, "archive", ".tar");
        List<String> command = new ArrayList<>(List.of("tar", "--create", "--file", archive.toString(), "--owner=0", "--group=0",
                "--numeric-owner", "--directory", from.toString(), "--"));
        // Each by its name: the folder's own mode is not to become that of the folder that they are unpacked into.
        try (Stream<Path> files = Files.list(from)) {
            files.forEach(file -> command.add("./" + file.getFileName()));
        }
        if (command.get(command.size() - 1).equals("--")) {
            command.add(".");
        }
        HostTool.run(command);
        return archive;
    }

    /** Unpacks an archive of any kind that the tools know into a folder. */
    public static void unpack(Path archive, Path folder) throws IOException {
        String name = archive.getFileName().toString().toLowerCase(Locale.ROOT);
        List<String> command = new ArrayList<>(name.endsWith(".zip")
                ? List.of("unzip", "-q", "-o", archive.toString(), "-d", folder.toString())
                : List.of("tar", "--extract", "--preserve-permissions", "--no-same-owner", "--file", archive.toString(), "--directory",
                        folder.toString()));
        HostTool.run(command);
    }
}
