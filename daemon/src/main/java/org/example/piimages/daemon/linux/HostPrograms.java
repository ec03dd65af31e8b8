package org.example.piimages.daemon.linux;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Programs of the host's, where packages install them. */
public final class HostPrograms {

    private static final List<Path> FOLDERS = List.of(Path.of("/usr/sbin"), Path.of("/usr/bin"), Path.of("/sbin"), Path.of("/bin"));

    private HostPrograms() {
    }

    /** Whether a program of that name is installed. */
    public static boolean has(String name) {
        return FOLDERS.stream().anyMatch(folder -> Files.isExecutable(folder.resolve(name)));
    }
}
