package org.example.piimages.daemon.emulation;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.example.piimages.daemon.linux.file.OpenFile;
import org.example.piimages.daemon.linux.mount.Tree;

/** Programs that every Linux system has one of; their headers tell the image's CPU. */
final class ImagePrograms {

    private static final List<String> CANDIDATES = List.of("/bin/sh", "/usr/bin/sh", "/bin/busybox", "/usr/bin/env", "/bin/ls",
            "/usr/lib/systemd/systemd", "/sbin/init", "/usr/bin/dpkg", "/usr/bin/apk");

    private ImagePrograms() {
    }

    /** The beginning of the first of them that is a program of a known CPU. Empty when none is. */
    static Optional<byte[]> sample(Tree image) throws IOException {
        return sample(image, ElfHeader.USUAL_LENGTH);
    }

    /** The same, as much of it as the limit says. */
    static Optional<byte[]> sample(Tree image, int limit) throws IOException {
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
