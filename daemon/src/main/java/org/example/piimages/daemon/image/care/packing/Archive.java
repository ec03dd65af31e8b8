package org.example.piimages.daemon.image.care.packing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.care.JobImage;
import org.example.piimages.daemon.image.care.ToolRun;
import org.example.piimages.daemon.image.disk.CompressedFormat;
import org.example.piimages.daemon.job.Progress;
import org.example.piimages.daemon.linux.process.Command;
import org.example.piimages.daemon.linux.process.RunningCommand;

/** An archive with a central directory, zip or 7z, and the tool that reads it. */
final class Archive {

    /** The names of the 7-Zip program: 7zz in Debian since 12, the others in earlier releases. */
    private static final List<String> SEVEN_ZIPS = List.of("7zz", "7z", "7za", "7zr");
    /** The unzip options that exclude files added by macOS; {@link ArchiveName} ignores the same files. */
    private static final String[] EXCLUDE_MACOS = {"-x", "__MACOSX/*", "*/__MACOSX/*", "._*", "*/._*"};
    /** An empty password, as 7z would otherwise ask for that of an encrypted archive on standard input. */
    private static final String NO_PASSWORD = "-p";
    private static final String NAME_IN_LISTING = "Path = ";
    /** The largest list of files that is examined, in bytes. */
    private static final int LISTING_LIMIT = 4 << 20;

    private final boolean zip;
    private final JobImage jobImage;

    private Archive(boolean zip, JobImage jobImage) {
        this.zip = zip;
        this.jobImage = jobImage;
    }

    static Archive of(CompressedFormat format, JobImage jobImage) {
        return new Archive(format == CompressedFormat.ZIP, jobImage);
    }

    private Command tool() {
        String sevenZip = SEVEN_ZIPS.stream().filter(name -> Command.find(name).isPresent()).findFirst().orElse(SEVEN_ZIPS.get(0));
        Command command = zip ? Command.of("unzip", "unzip", jobImage.credentials()) : Command.of(sevenZip, "7zip", jobImage.credentials());
        return command.input(jobImage.file().file());
    }

    /**
     * Finds the image in the archive and returns its name.
     *
     * @throws Failure INVALID_IMAGE if there is no image or more than one, or if a name leads out of the archive
     */
    String image(Progress progress) throws IOException {
        Command list = zip ? tool().with("-Z", "-1", Command.INPUT) : tool().with("l", "-ba", "-slt", NO_PASSWORD, "--", Command.INPUT);
        try (RunningCommand running = list.outputToPipe().start()) {
            progress.onCancel(running::kill);
            Contents contents = contents(running.output());
            RunningCommand.Ended ended = running.await(ToolRun.LIMIT);
            progress.onCancel(null);
            progress.advance(0);
            ended.requireSuccess();
            return contents.image();
        }
    }

    private Contents contents(InputStream listing) throws IOException {
        Contents contents = new Contents();
        BufferedReader lines =
                new BufferedReader(new InputStreamReader(new BoundedStream(listing, LISTING_LIMIT), StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String text = line.replaceAll("\\p{Cntrl}", "");
            if (zip) {
                contents.add(text);
            } else if (text.startsWith(NAME_IN_LISTING)) {
                contents.add(text.substring(NAME_IN_LISTING.length()));
            }
        }
        if (listing.read() >= 0) {
            throw new Failure(Failure.Kind.UNSUPPORTED, "the list of the files in it is longer than 4 MiB; unpack it yourself");
        }
        return contents;
    }

    /** What an archive contains. Only the names that matter are kept. */
    static final class Contents {

        private final Set<String> directories = new HashSet<>();
        private final List<String> images = new ArrayList<>();

        /** Adds a file. Throws like {@link #image} if its name leads out of the archive. */
        void add(String name) {
            ArchiveName.requireInside(name);
            directories.add(ArchiveName.directoryOfRoot(name));
            if (images.size() < 2 && ArchiveName.isImage(name)) {
                images.add(name);
            }
        }

        /** Returns the one name that is an image's. Throws like {@link Archive#image}. */
        String image() {
            if (images.size() > 1) {
                throw ArchiveName.severalImages(images.get(0), images.get(1));
            }
            if (images.isEmpty()) {
                directories.remove("");
                throw ArchiveName.noImage(directories);
            }
            return images.get(0);
        }
    }

    /** The command that writes the image to standard output. With -spd, 7z does not interpret the name as a pattern. */
    Command extract(String image) {
        return zip ? tool().with("-p", Command.INPUT, "*" + plainEnd(image)).with(EXCLUDE_MACOS)
                : tool().with("x", "-so", "-spd", NO_PASSWORD, "--", Command.INPUT, image);
    }

    /**
     * The longest suffix of the name without characters that unzip interprets as a pattern or that depend on the locale. As there is only
     * one image, no other has this suffix.
     */
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
