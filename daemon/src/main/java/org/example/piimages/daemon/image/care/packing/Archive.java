package org.example.piimages.daemon.image.care.packing;

import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.care.Subject;
import org.example.piimages.daemon.image.care.ToolRun;
import org.example.piimages.daemon.image.disk.CompressedFormat;
import org.example.piimages.daemon.job.Progress;
import org.example.piimages.daemon.linux.process.Command;

/** An archive with a directory of what is in it, and the tool that reads it: zip, 7z. */
final class Archive {

    /** What 7z is called, in Debian since 12 and before. */
    private static final List<String> SEVEN_ZIPS = List.of("7zz", "7z", "7za", "7zr");
    /** What macOS adds; {@link ArchiveName} passes over the same. */
    private static final String[] OF_MACOS = {"-x", "__MACOSX/*", "*/__MACOSX/*", "._*", "*/._*"};
    /** An empty one: 7z would ask for that of an encrypted archive, on its standard input. */
    private static final String NO_PASSWORD = "-p";
    private static final String NAME_IN_LISTING = "Path = ";

    private final boolean zip;
    private final Subject subject;

    private Archive(boolean zip, Subject subject) {
        this.zip = zip;
        this.subject = subject;
    }

    static Archive of(CompressedFormat format, Subject subject) {
        return new Archive(format == CompressedFormat.ZIP, subject);
    }

    private Command tool() {
        String sevenZip = SEVEN_ZIPS.stream().filter(name -> Command.find(name).isPresent()).findFirst().orElse(SEVEN_ZIPS.get(0));
        Command command = zip ? Command.of("unzip", "unzip", subject.who()) : Command.of(sevenZip, "7zip", subject.who());
        return command.input(subject.file().file());
    }

    /**
     * The name of the image in it.
     *
     * @throws Failure INVALID_IMAGE when there is none or are several, or a name leads out of the archive
     */
    String image(Progress progress) throws IOException {
        Command list = zip ? tool().with("-Z", "-1", Command.INPUT) : tool().with("l", "-ba", "-slt", NO_PASSWORD, "--", Command.INPUT);
        return only(names(ToolRun.of(list, progress).requireSuccess().words()).toList());
    }

    private Stream<String> names(String listing) {
        return zip ? listing.lines()
                : listing.lines().filter(line -> line.startsWith(NAME_IN_LISTING)).map(line -> line.substring(NAME_IN_LISTING.length()));
    }

    /** The one of these names that is an image's. Throws as {@link #image}. */
    static String only(List<String> names) {
        names.forEach(ArchiveName::requireInside);
        List<String> images = names.stream().filter(ArchiveName::isImage).toList();
        if (images.size() > 1) {
            throw ArchiveName.several(images.get(0), images.get(1));
        }
        if (images.isEmpty()) {
            Set<String> folders = new HashSet<>();
            names.forEach(name -> folders.add(ArchiveName.folderOfRoot(name)));
            folders.remove("");
            throw ArchiveName.none(folders);
        }
        return images.get(0);
    }

    /** Writes that file out; 7z takes no name for a pattern (-spd). */
    Command extract(String image) {
        return zip ? tool().with("-p", Command.INPUT, "*" + plainEnd(image)).with(OF_MACOS)
                : tool().with("x", "-so", "-spd", NO_PASSWORD, "--", Command.INPUT, image);
    }

    /** How the name ends, without what unzip takes for a pattern, or another locale for other letters. No other image ends so. */
    static String plainEnd(String image) {
        int start = image.length();
        while (start > 0 && isPlain(image.charAt(start - 1))) {
            start--;
        }
        return image.substring(start);
    }

    private static boolean isPlain(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '.' || c == '_' || c == '-';
    }
}
