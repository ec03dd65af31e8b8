package org.example.piimages.daemon.image.care.filesystem;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.care.ToolRun;
import org.example.piimages.daemon.image.filesystem.ExtFeatures;
import org.example.piimages.daemon.job.Progress;
import org.example.piimages.daemon.linux.file.Credentials;
import org.example.piimages.daemon.linux.file.OpenFile;
import org.example.piimages.daemon.linux.process.Command;
import org.example.piimages.daemon.linux.process.RunningCommand;

/**
 * The installed tools of ext filesystems: e2fsck(8) and resize2fs(8).
 *
 * @param version the version as major * 1000 + minor; 1047 for 1.47
 */
public record E2fsprogs(int version) {

    private static final String PACKAGE = "e2fsprogs";
    private static final Pattern VERSION = Pattern.compile("e2fsck (\\d+)\\.(\\d+)");

    /**
     * A filesystem feature, and the release of e2fsprogs that introduced it, from its RelNotes.
     *
     * @param bit the mask in its feature word of the superblock
     * @param since the release, in the format of {@link E2fsprogs#version}
     */
    private record Feature(int bit, String name, int since) {
    }

    /** The features that not every e2fsprogs of the last ten years supports; the older features are masked by the constants below. */
    private static final List<Feature> COMPATIBLE = List.of(new Feature(0x200, "sparse_super2", 1043),
            new Feature(0x400, "fast_commit", 1046), new Feature(0x800, "stable_inodes", 1046), new Feature(0x1000, "orphan_file", 1047));
    private static final List<Feature> INCOMPATIBLE = List.of(new Feature(0x400, "ea_inode", 1044),
            new Feature(0x2000, "metadata_csum_seed", 1043), new Feature(0x4000, "large_dir", 1044),
            new Feature(0x8000, "inline_data", 1043), new Feature(0x10000, "encrypt", 1043), new Feature(0x20000, "casefold", 1045));
    private static final List<Feature> READ_ONLY_COMPATIBLE = List.of(new Feature(0x400, "metadata_csum", 1043),
            new Feature(0x2000, "project", 1043), new Feature(0x4000, "shared_blocks", 1045), new Feature(0x8000, "verity", 1045),
            new Feature(0x10000, "orphan_present", 1047));
    private static final int OLD_COMPATIBLE = 0x3F;
    private static final int OLD_INCOMPATIBLE = 0x1 | 0x2 | 0x4 | 0x8 | 0x10 | 0x40 | 0x80 | 0x100 | 0x200;
    private static final int OLD_READ_ONLY_COMPATIBLE = 0x7F | 0x100 | 0x200;

    /**
     * Determines the installed version.
     *
     * @throws Failure UNSUPPORTED if the tools are not installed
     */
    static E2fsprogs installed(Credentials credentials, Progress progress) throws IOException {
        String words = ToolRun.of(Command.of("e2fsck", PACKAGE, credentials).with("-V"), progress).requireSuccess().output();
        return parse(words).orElseThrow(() -> new Failure(Failure.Kind.FAILED, "cannot determine the version of e2fsck"));
    }

    /** Parses the output of {@code e2fsck -V}; returns empty if it does not contain a version. */
    public static Optional<E2fsprogs> parse(String words) {
        Matcher version = VERSION.matcher(words);
        return version.find() ? Optional.of(new E2fsprogs(Integer.parseInt(version.group(1)) * 1000 + Integer.parseInt(version.group(2))))
                : Optional.empty();
    }

    /**
     * Refuses a filesystem with features that these tools do not support; to be called before anything is changed.
     *
     * @throws Failure UNSUPPORTED with the features and the releases that introduced them
     */
    void require(ExtFeatures features) {
        String missing = missing(features);
        if (!missing.isEmpty()) {
            throw new Failure(Failure.Kind.UNSUPPORTED, "the image's filesystem has features that e2fsprogs " + text(version)
                    + " of this host does not support: " + missing + "; nothing was changed");
        }
    }

    /**
     * Returns the features that these tools do not support, with the releases that introduced them, for messages; empty if there are none.
     */
    public String missing(ExtFeatures features) {
        List<String> missing = new ArrayList<>();
        missing(features.compatible() & ~OLD_COMPATIBLE, COMPATIBLE, "C", missing);
        missing(features.incompatible() & ~OLD_INCOMPATIBLE, INCOMPATIBLE, "I", missing);
        missing(features.readOnlyCompatible() & ~OLD_READ_ONLY_COMPATIBLE, READ_ONLY_COMPATIBLE, "R", missing);
        return String.join(", ", missing);
    }

    @Override
    public String toString() {
        return PACKAGE + " " + text(version);
    }

    /**
     * Adds the missing features of one feature word. Like e2fsck, names an unknown bit FEATURE_, the letter of the word, and its number.
     */
    private void missing(int bits, List<Feature> known, String word, List<String> missing) {
        int remaining = bits;
        for (Feature feature : known) {
            if ((remaining & feature.bit()) != 0 && feature.since() > version) {
                missing.add(feature.name() + " (since " + text(feature.since()) + ")");
            }
            remaining &= ~feature.bit();
        }
        for (; remaining != 0; remaining &= remaining - 1) {
            missing.add("FEATURE_" + word + Integer.numberOfTrailingZeros(remaining));
        }
    }

    private static String text(int version) {
        return String.format(Locale.ROOT, "%d.%d", version / 1000, version % 1000);
    }

    /** Runs e2fsck on a partition. */
    public static RunningCommand.Ended check(PartitionInput input, Progress progress, String... options) throws IOException {
        Command command = check(input.file(), input.offset(), input.credentials(), options);
        return ToolRun.watched(command, progress, input::requirePresent);
    }

    /**
     * Runs e2fsck on a filesystem in a file, with the privileges of the file's owner.
     *
     * @param offset the offset of the filesystem in the file, in bytes
     * @param options the options of e2fsck
     */
    public static RunningCommand.Ended check(OpenFile file, long offset, Credentials credentials, Progress progress, String... options)
            throws IOException {
        return ToolRun.of(check(file, offset, credentials, options), progress);
    }

    private static Command check(OpenFile file, long offset, Credentials credentials, String... options) {
        return Command.of("e2fsck", PACKAGE, credentials).input(file).with(options).with(Command.INPUT + "?offset=" + offset);
    }

    /** Runs resize2fs on a file that contains only the filesystem, with the privileges of the file's owner. */
    static RunningCommand.Ended resize(OpenFile file, Credentials credentials, Progress progress, String... arguments) throws IOException {
        return ToolRun.of(Command.of("resize2fs", PACKAGE, credentials).input(file).with(arguments), progress);
    }
}
