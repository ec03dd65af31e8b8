package org.example.piimages.daemon.emulation.hosttools;

import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.example.piimages.daemon.emulation.Architecture;
import org.example.piimages.daemon.emulation.BytePattern;
import org.example.piimages.daemon.emulation.ElfHeader;
import org.example.piimages.daemon.linux.OpenFile;
import org.example.piimages.daemon.linux.Tree;

/**
 * How the programs of an image begin. The kernel compares 256 bytes: the ELF header and the program headers, which name the entry point and
 * the places and sizes of all parts. A few small programs, such as true and false, begin alike; these cannot be told apart.
 */
final class Beginnings {

    private static final int LARGEST_PROGRAM = 8 << 20;

    private final Map<BytePattern, String> checksums = new HashMap<>();
    private final Map<BytePattern, String> names = new HashMap<>();
    private final Set<BytePattern> ambiguous = new HashSet<>();

    /**
     * Looks at a program.
     *
     * @param md5 what its package says of it
     * @return false when it is not there, not the package's, or not for that CPU
     */
    boolean add(Tree image, String path, String md5, Architecture architecture) throws IOException {
        Optional<BytePattern> found = beginning(image, path, md5, architecture);
        found.ifPresent(beginning -> {
            // Hard links are one program by several names, and each is told by its argv[0].
            if (!md5.equals(checksums.computeIfAbsent(beginning, unknown -> md5))) {
                ambiguous.add(beginning);
            }
            names.putIfAbsent(beginning, path.substring(path.lastIndexOf('/') + 1));
        });
        return found.isPresent();
    }

    /** Looks at all programs of the image: one that begins as a tool's does, and is another, makes them ambiguous. */
    void compareWithAll(Tree image) throws IOException {
        for (String folder : Catalog.FOLDERS) {
            // Where it is a link, it leads to another of them.
            if (image.linkTarget(folder).isEmpty()) {
                for (String name : image.entries(folder)) {
                    compare(image, folder + "/" + name);
                }
            }
        }
    }

    private void compare(Tree image, String path) throws IOException {
        Optional<OpenFile> found = image.file(path);
        if (found.isPresent()) {
            try (OpenFile file = found.get()) {
                byte[] start = file.readStart(BytePattern.HEADER_LENGTH);
                Optional<BytePattern> beginning = start.length == 0 ? Optional.empty() : BytePattern.of(0, start, new byte[0]);
                if (beginning.isPresent() && checksums.containsKey(beginning.get())
                        && (file.length() > LARGEST_PROGRAM || !checksums.get(beginning.get()).equals(Md5.of(file)))) {
                    ambiguous.add(beginning.get());
                }
            }
        }
    }

    /** The names of the programs that can be told apart, by how they begin. */
    Map<BytePattern, String> unique() {
        Map<BytePattern, String> unique = new HashMap<>(names);
        unique.keySet().removeAll(ambiguous);
        return unique;
    }

    private static Optional<BytePattern> beginning(Tree image, String path, String md5, Architecture architecture) throws IOException {
        Optional<OpenFile> found = image.file(path);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        try (OpenFile file = found.get()) {
            byte[] start = file.readStart(ElfHeader.USUAL_LENGTH);
            boolean ofItsCpu = ElfHeader.parse(start).flatMap(ElfHeader::architecture).filter(architecture::equals).isPresent();
            if (!ofItsCpu || start.length < BytePattern.HEADER_LENGTH || file.length() > LARGEST_PROGRAM || !md5.equals(Md5.of(file))) {
                return Optional.empty();
            }
            return BytePattern.of(0, Arrays.copyOf(start, BytePattern.HEADER_LENGTH), new byte[0]);
        }
    }
}
