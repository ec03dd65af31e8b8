package org.example.piimages.daemon.image.care.packing;

import java.io.Closeable;
import java.io.IOException;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.care.JobImage;
import org.example.piimages.daemon.image.checksum.ExpectedChecksum;
import org.example.piimages.daemon.image.checksum.HashFunction;
import org.example.piimages.daemon.image.checksum.PublishedSums;
import org.example.piimages.daemon.image.disk.Printable;
import org.example.piimages.daemon.job.Progress;
import org.example.piimages.daemon.linux.process.RunningCommand;

/** Compares a download and the image in it with all published checksums. The checksum of the download is computed while it is unpacked. */
public final class Verification implements Closeable {

    /** Computes the checksum of the image, in lower-case hexadecimal digits. */
    @FunctionalInterface
    public interface ImageSum {
        String of(HashFunction function) throws IOException;
    }

    private final JobImage jobImage;
    private final PublishedSums published;
    private final List<String> downloads;
    private final List<String> images;
    private final Map<HashFunction, RunningCommand> sums = new EnumMap<>(HashFunction.class);

    private Verification(JobImage jobImage, PublishedSums published, List<String> downloads, List<String> images) {
        this.jobImage = jobImage;
        this.published = published;
        this.downloads = downloads;
        this.images = images;
    }

    /**
     * Reads the published checksums, and starts computing those of the download.
     *
     * @param policy the checksums that the caller selected
     * @throws Failure like {@link ChecksumFiles#find} and {@link PublishedSums#expectations}
     */
    public static Verification begin(JobImage jobImage, ChecksumPolicy policy) throws IOException {
        List<String> downloads = Stream.of(jobImage.file().path(), jobImage.file().file().path()).map(Verification::baseName).distinct()
                .toList();
        List<String> images = downloads.stream().flatMap(name -> PublishedSums.imageNames(name).stream()).toList();
        PublishedSums published = policy.usesChecksumFiles() ? ChecksumFiles.find(jobImage, downloads, images) : policy.published();
        Verification verification = new Verification(jobImage, published, downloads, images);
        boolean begun = false;
        try {
            verification.sum(HashFunction.SHA256);
            for (ExpectedChecksum expectation : published.expectations(downloads, images)) {
                if (expectation.target() != ExpectedChecksum.Target.IMAGE) {
                    verification.sum(expectation.function());
                }
            }
            begun = true;
            return verification;
        } finally {
            if (!begun) {
                verification.close();
            }
        }
    }

    private static String baseName(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    private void sum(HashFunction function) throws IOException {
        if (!sums.containsKey(function)) {
            sums.put(function, Checksum.begin(function, jobImage.file().file(), jobImage.credentials()));
        }
    }

    /**
     * Compares the checksums.
     *
     * @param image computes the checksum of the unpacked image; called at most once for each function
     * @param member the name of the image in the archive; empty if it is not in one
     * @return entries of the job's result: sha256, verified, checksum-files, checksum-functions, silent-files
     * @throws Failure INVALID_IMAGE if a checksum differs
     */
    public Map<String, Object> end(ImageSum image, Optional<String> member, Progress progress) throws IOException {
        Map<HashFunction, String> ofDownload = new EnumMap<>(HashFunction.class);
        for (Map.Entry<HashFunction, RunningCommand> sum : sums.entrySet()) {
            ofDownload.put(sum.getKey(), Checksum.end(sum.getValue(), progress));
        }
        List<String> names = Stream.concat(images.stream(), member.stream().map(Verification::baseName)).toList();
        List<ExpectedChecksum> expectations = published.expectations(downloads, names);
        Map<HashFunction, String> ofImage = new EnumMap<>(HashFunction.class);
        for (ExpectedChecksum expectation : expectations) {
            HashFunction function = expectation.function();
            boolean isMatch =
                    expectation.target() != ExpectedChecksum.Target.IMAGE && expectation.digest().equals(ofDownload.get(function));
            if (!isMatch && expectation.target() != ExpectedChecksum.Target.DOWNLOAD && !ofImage.containsKey(function)) {
                ofImage.put(function, image.of(function));
            }
            if (!isMatch && !expectation.digest().equals(ofImage.get(function))) {
                throw mismatch(expectation, ofDownload.get(function), ofImage.get(function));
            }
        }
        return Map.of("sha256", ofDownload.get(HashFunction.SHA256), "verified", !expectations.isEmpty(),
                "checksum-files", expectations.stream().map(ExpectedChecksum::source).distinct().toArray(String[]::new),
                "checksum-functions", expectations.stream().map(ExpectedChecksum::function).distinct().sorted(Comparator.reverseOrder())
                        .map(HashFunction::title).toArray(String[]::new),
                "silent-files", published.filesWithoutChecksum(downloads, names).stream().map(Printable::path).toArray(String[]::new));
    }

    private static Failure mismatch(ExpectedChecksum expectation, String ofDownload, String ofImage) {
        String function = expectation.function().title();
        String actual = switch (expectation.target()) {
            case DOWNLOAD -> "its " + function + " is " + ofDownload;
            case IMAGE -> "the " + function + " of the image in it is " + ofImage;
            case EITHER -> "its " + function + " is " + ofDownload + " and that of the image in it " + ofImage;
        };
        return new Failure(Failure.Kind.INVALID_IMAGE, actual + ", but " + expectation.source() + " says " + expectation.digest()
                + ": download it again");
    }

    @Override
    public void close() {
        sums.values().forEach(RunningCommand::close);
    }
}
