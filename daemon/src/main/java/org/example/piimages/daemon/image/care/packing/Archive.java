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
import java.util.stream.Collectors;
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
    /** The largest number of images, and of directories with firmware, that are considered. */
    private static final int MAX_IMAGES = 1000;
    /** Exit statuses of unzip: the file has no directory of an archive; unsupported compression; wrong password. */
    private static final int NO_ZIP = 9;
    private static final int UNKNOWN_METHOD = 81;
    private static final int WRONG_PASSWORD = 82;

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
            RunningCommand.Ended ended = ToolRun.ended(running, progress);
            if (zip && ended.status() == NO_ZIP) {
                throw new Failure(Failure.Kind.INVALID_IMAGE, "the zip archive is incomplete or damaged: the directory at its end is"
                        + " missing; download it again");
            }
            ended.requireSuccess();
            return contents.image();
        }
    }

    /**
     * Requires that the tool extracted the image.
     *
     * @throws Failure UNSUPPORTED for an encrypted or unusually compressed zip archive; FAILED with the tool's message, which in the case
     *     of unzip precedes warnings about exclusions without effect
     */
    void requireExtracted(RunningCommand.Ended ended) {
        if (zip && (ended.status() == WRONG_PASSWORD || ended.output().contains("unable to get password"))) {
            throw new Failure(Failure.Kind.UNSUPPORTED, "it is encrypted, which is not supported; unpack it yourself, with its password");
        }
        if (zip && ended.status() == UNKNOWN_METHOD) {
            throw new Failure(Failure.Kind.UNSUPPORTED, "the image in it is compressed with a method that unzip does not support;"
                    + " unpack it yourself, for example with 7zz (package 7zip)");
        }
        String said = ended.output().lines().filter(line -> !line.startsWith("caution: excluded filename not matched"))
                .collect(Collectors.joining("\n"));
        new RunningCommand.Ended(ended.name(), ended.status(), said).requireSuccess();
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
        private final Set<List<String>> firmware = new HashSet<>();
        private final List<String> images = new ArrayList<>();

        /** Adds a file. Throws like {@link #image} if its name leads out of the archive. */
        void add(String name) {
            ArchiveName.requireInside(name);
            directories.add(ArchiveName.directoryOfRoot(name));
            if (ArchiveName.isFirmware(name)) {
                firmware.add(ArchiveName.directory(name));
            }
            if (ArchiveName.isImage(name)) {
                images.add(name);
            }
            if (firmware.size() > MAX_IMAGES || images.size() > MAX_IMAGES) {
                throw new Failure(Failure.Kind.UNSUPPORTED, "it contains more than " + MAX_IMAGES + " images; unpack it yourself");
            }
        }

        /** Returns the one name that is an image's. Throws like {@link Archive#image}. */
        String image() {
            List<String> candidates = images.stream().filter(name -> !firmware.contains(ArchiveName.directory(name))).toList();
            if (candidates.size() > 1) {
                throw ArchiveName.severalImages(candidates.get(0), candidates.get(1));
            }
            if (candidates.isEmpty() && !firmware.isEmpty()) {
                throw ArchiveName.bootFiles();
            }
            if (candidates.isEmpty()) {
                directories.remove("");
                throw ArchiveName.noImage(directories);
            }
            return candidates.get(0);
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
