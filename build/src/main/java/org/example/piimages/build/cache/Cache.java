package org.example.piimages.build.cache;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.example.piimages.build.failure.BuildException;

/**
 * The build cache of a user: a record of each step that succeeded, the image after some of the steps, and downloads. The directory is
 * accessible only to its owner.
 *
 * <p>In {@code steps}, each file is named by the key of a state: .step names the step that led to the state, .out and .err have the output
 * of that step if the recipe redirects it, and .img is the image. Incomplete files have a name that begins with a dot; they are renamed
 * when they are complete.
 */
public final class Cache {

    /** The name of the file beside a download that contains its URL. */
    public static final String ADDRESS = ".address";
    /** The suffix of the name of an incomplete download. */
    public static final String PART = ".part";

    private static final String STEP = ".step";
    private static final String IMAGE = ".img";
    private static final int NAME_LENGTH = 12;
    private static final Duration MAX_RECORD_AGE = Duration.ofDays(90);

    private final Path directory;
    private final Path steps;

    /**
     * An entry of the cache.
     *
     * @param name the name by which it can be removed
     * @param title a description in one line
     * @param size its disk usage in bytes; blocks that several images share are counted for each of them
     * @param used the time when a build last used it
     */
    public record Entry(String name, String title, long size, Instant used) {
    }

    private Cache(Path directory) {
        this.directory = directory;
        this.steps = directory.resolve("steps");
    }

    /** Opens the cache in this directory, and creates the directory if it does not exist. */
    public static Cache in(Path directory) throws IOException {
        Cache cache = new Cache(directory);
        Files.createDirectories(directory.toAbsolutePath().getParent());
        for (Path part : List.of(directory, cache.steps, cache.downloads(), cache.locks(), cache.results())) {
            if (!Files.isDirectory(part)) {
                Files.createDirectory(part);
            }
        }
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
        return cache;
    }

    /** Returns the directory that has a subdirectory for each download. */
    public Path downloads() {
        return directory.resolve("downloads");
    }

    /** Returns the directory of the lock files; each is for an operation that only one process at a time may execute. */
    public Path locks() {
        return directory.resolve("locks");
    }

    /** Returns the directory of the records of images that builds have created. */
    public Path results() {
        return directory.resolve("results");
    }

    /** Acquires a shared lock: until it is closed, nothing is removed from the cache. Waits while another process removes entries. */
    public LockFile lockShared() throws IOException {
        return LockFile.acquire(useLock(), true, () -> {});
    }

    /** Acquires the exclusive lock that is required to remove entries; fails if a build or a download is using the cache. */
    public LockFile lockExclusively() throws BuildException, IOException {
        LockFile lock = LockFile.tryAcquire(useLock(), false);
        if (lock == null) {
            throw BuildException.busy("the cache is in use by a build or a download, so nothing was removed; try again when it has ended");
        }
        return lock;
    }

    private Path useLock() {
        return locks().resolve("use");
    }

    /** Returns whether the cache has a record of a step that led to this state, and the output that the recipe captures. */
    public boolean isKnown(String key, CapturedOutput output) {
        return Files.exists(steps.resolve(key + STEP))
                && output.files().keySet().stream().allMatch(ending -> Files.exists(output(key, ending)));
    }

    /** Returns whether the image of this state is stored. */
    public boolean hasImage(String key) {
        return Files.exists(image(key));
    }

    /** Returns the file for the image of this state, which need not exist. */
    public Path image(String key) {
        return steps.resolve(key + IMAGE);
    }

    Path output(String key, String ending) {
        return steps.resolve(key + ending);
    }

    /** Copies the cached output of the step that led to this state to the files that the recipe captures it in. */
    public void repeatOutput(String key, CapturedOutput output) throws BuildException {
        try {
            for (Map.Entry<String, Path> file : output.files().entrySet()) {
                Files.copy(output(key, file.getKey()), file.getValue(), StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (IOException e) {
            throw BuildException.failed("cannot read the cache: " + BuildException.reason(e) + "; to empty it: piimagesctl cache remove");
        }
    }

    /** Updates the time when the entry of a state was last used. */
    public void use(String key) {
        try {
            Files.setLastModifiedTime(steps.resolve(key + STEP), FileTime.from(Instant.now()));
        } catch (IOException e) {
            // Not fatal: the entry is only evicted earlier.
        }
    }

    /** Stores a copy of the draft as the image of a state; {@code unfinished} contains the temporary file until it is complete. */
    public void keep(String key, Content draft, Set<Path> unfinished) throws BuildException, IOException {
        Path part = part(key, IMAGE);
        unfinished.add(part);
        draft.copyTo(part);
        Files.move(part, image(key), StandardCopyOption.ATOMIC_MOVE);
        unfinished.remove(part);
    }

    /** Records that a step with this title succeeded. The output is stored first, so that a record never lacks its output. */
    public void record(String key, String title, CapturedOutput output) throws IOException {
        for (Map.Entry<String, Path> file : output.files().entrySet()) {
            Path part = part(key, file.getKey());
            Files.copy(file.getValue(), part, StandardCopyOption.REPLACE_EXISTING);
            Files.move(part, output(key, file.getKey()), StandardCopyOption.ATOMIC_MOVE);
        }
        Path part = part(key, STEP);
        Files.writeString(part, title + "\n");
        Files.move(part, steps.resolve(key + STEP), StandardCopyOption.ATOMIC_MOVE);
    }

    /** Returns the name of a temporary file, unique because two builds may reach the same step at the same time. */
    private Path part(String key, String ending) {
        return steps.resolve("." + key + "." + UUID.randomUUID() + ending);
    }

    /** Returns the entries whose removal frees space, the most recently used first. */
    public List<Entry> entries() throws IOException {
        List<Entry> entries = new ArrayList<>();
        for (Path image : files(steps, IMAGE)) {
            String key = CacheKey.of(image);
            Path step = steps.resolve(key + STEP);
            String title = Files.exists(step) ? Files.readString(step, StandardCharsets.UTF_8).strip() : "";
            entries.add(new Entry(name(image), title, DiskUsage.of(image),
                    Files.getLastModifiedTime(Files.exists(step) ? step : image).toInstant()));
        }
        try (Stream<Path> downloads = Files.list(downloads())) {
            for (Path download : downloads.filter(CacheKey::names).toList()) {
                entries.add(new Entry(name(download), title(download), DiskUsage.of(download),
                        Files.getLastModifiedTime(download).toInstant()));
            }
        }
        entries.sort(Comparator.comparing(Entry::used).reversed());
        return entries;
    }

    /** Describes the download in a directory of the cache: its URL, and whether it is incomplete. */
    private static String title(Path directory) throws IOException {
        Path address = directory.resolve(ADDRESS);
        String title = Files.exists(address) ? Files.readString(address).strip() : "";
        try (Stream<Path> files = Files.list(directory)) {
            return files.anyMatch(file -> file.toString().endsWith(PART)) ? title + " (incomplete)" : title;
        }
    }

    /** Removes an entry; returns false if there is no entry of that name. */
    public boolean remove(String name) throws IOException {
        Set<Path> named = new HashSet<>();
        for (Path place : List.of(steps, downloads())) {
            try (Stream<Path> files = Files.list(place)) {
                files.filter(file -> name.length() >= NAME_LENGTH && file.getFileName().toString().startsWith(name)).forEach(named::add);
            }
        }
        for (Path file : named) {
            FileTree.delete(file);
        }
        return !named.isEmpty();
    }

    /** Removes all entries and records. */
    public void clear() throws IOException {
        for (Path place : List.of(steps, downloads(), results())) {
            try (Stream<Path> files = Files.list(place)) {
                for (Path file : files.toList()) {
                    FileTree.delete(file);
                }
            }
        }
    }

    /**
     * Removes the least recently used entries until the cache has at most {@code max} bytes, and returns the number of bytes that were
     * freed. The caller must hold the lock of {@link #lockExclusively}.
     */
    public long prune(long max) throws IOException {
        removeOld();
        List<Entry> entries = entries();
        long size = entries.stream().mapToLong(Entry::size).sum();
        long freed = 0;
        for (int i = entries.size() - 1; i >= 0 && size - freed > max; i--) {
            remove(entries.get(i).name());
            freed += entries.get(i).size();
        }
        return freed;
    }

    /** Prunes the cache like {@link #prune}, unless another process is using it, which prunes it when it ends. */
    public void pruneUnlessUsed(long max) throws IOException {
        LockFile lock = LockFile.tryAcquire(useLock(), false);
        if (lock != null) {
            try {
                prune(max);
            } finally {
                lock.close();
            }
        }
    }

    /** Removes records that were not used for months, and the temporary files of builds that were killed. */
    private void removeOld() throws IOException {
        for (Path place : List.of(steps, results())) {
            try (Stream<Path> files = Files.list(place)) {
                for (Path file : files.toList()) {
                    boolean isPart = file.getFileName().toString().startsWith(".");
                    boolean isRecord = !file.toString().endsWith(IMAGE) && !hasImage(CacheKey.of(file));
                    if (isPart || isRecord && age(file).compareTo(MAX_RECORD_AGE) > 0) {
                        FileTree.delete(file);
                    }
                }
            }
        }
    }

    /** Returns the time since the step of a record was last used. */
    private Duration age(Path record) throws IOException {
        Path step = steps.resolve(CacheKey.of(record) + STEP);
        return Duration.between(Files.getLastModifiedTime(Files.exists(step) ? step : record).toInstant(), Instant.now());
    }

    /** Returns the name by which an entry can be removed. */
    public static String name(Path file) {
        return CacheKey.of(file).substring(0, NAME_LENGTH);
    }

    private static List<Path> files(Path place, String ending) throws IOException {
        try (Stream<Path> files = Files.list(place)) {
            return files.filter(file -> file.toString().endsWith(ending) && CacheKey.names(file)).toList();
        }
    }
}
