package org.example.piimages.daemon.emulation.hosttools;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Copies the host's perl modules into a {@link ToolTree}, as they are: they load what they need by name alone. */
final class PerlCopy {

    /** What answers for the CPU: a link to the image's own. */
    private static final String CONFIGURATION = "Config";
    private static final String BASE = "perl-base";

    private final ImageKind kind;
    private final Path place;
    private final Path folder;

    /** The folder for libraries of the place gets what every perl has, the other folder what an image may lack. */
    PerlCopy(ImageKind kind, Path place, Path folder) {
        this.kind = kind;
        this.place = place;
        this.folder = folder;
    }

    /** What comes with perl-base. */
    void addBase() throws IOException {
        copy(Path.of(Relocation.HOST_LIBRARIES, BASE), place.resolve(Relocation.LIBRARIES).resolve(BASE));
    }

    /** What comes with the whole of perl, if the host has it. */
    void addLibrary() throws IOException {
        String name = PerlModules.Part.LIBRARY.folder();
        copy(Path.of(Relocation.HOST_LIBRARIES, name), folder.resolve(name));
    }

    /** The files of another package that are in perl's folder for such. */
    void addCompanion(List<String> paths) throws IOException {
        Path modules = Path.of(Relocation.HOST_LIBRARIES, PerlModules.Part.COMPANIONS.folder());
        for (String path : paths) {
            Path file = Path.of(path);
            if (file.startsWith(modules) && Files.isRegularFile(file)) {
                Path target = folder.resolve(PerlModules.Part.COMPANIONS.folder()).resolve(modules.relativize(file));
                Files.createDirectories(target.getParent());
                Files.copy(file, target);
            }
        }
    }

    private void copy(Path from, Path to) throws IOException {
        if (!Files.isDirectory(from)) {
            return;
        }
        Path top = Path.of(Relocation.HOST_LIBRARIES);
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Path target = to.resolve(from.relativize(file));
                if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
                    Files.createDirectories(target);
                } else if (file.getFileName().toString().startsWith(CONFIGURATION)) {
                    Files.createSymbolicLink(target, Path.of(kind.libraries()).resolve(top.relativize(file)));
                } else {
                    Files.copy(file, target, LinkOption.NOFOLLOW_LINKS);
                }
            }
        }
    }
}
