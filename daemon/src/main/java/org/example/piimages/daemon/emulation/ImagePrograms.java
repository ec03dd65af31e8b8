package org.example.piimages.daemon.emulation;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.example.piimages.daemon.linux.file.OpenFile;
import org.example.piimages.daemon.linux.mount.DirectoryTree;

/** Programs of which every Linux system has at least one; their headers show the image's CPU. */
final class ImagePrograms {

    private static final List<String> CANDIDATES = List.of("/bin/sh", "/usr/bin/sh", "/bin/busybox", "/usr/bin/env", "/bin/ls",
            "/usr/lib/systemd/systemd", "/sbin/init", "/usr/bin/dpkg", "/usr/bin/apk");

    private ImagePrograms() {
    }

    /** Returns the beginning of the first candidate that is a program of a known CPU; empty if there is none. */
    static Optional<byte[]> sample(DirectoryTree image) throws IOException {
        return sample(image, ElfHeader.READ_LENGTH);
    }

    /** Like {@link #sample(Tree)}, but returns up to {@code limit} bytes. */
    static Optional<byte[]> sample(DirectoryTree image, int limit) throws IOException {
        for (String candidate : CANDIDATES) {
            Optional<OpenFile> found = image.file(candidate);
            if (found.isPresent()) {
                try (OpenFile program = found.get()) {
                    byte[] beginning = program.readStart(limit);
                    if (ElfHeader.parse(beginning).flatMap(ElfHeader::architecture).isPresent()) {
                        return Optional.of(beginning);
                    }
                }
            }
        }
        return Optional.empty();
    }
}
