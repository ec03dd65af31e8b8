package org.example.piimages.daemon.system;

import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;

/** A directory of a test's own. Closing it takes everything away that is mounted or lies in it, in that order. */
public final class TestDirectory implements Closeable {

    private final Path path;

    /** Others may pass it: the bus's socket and the images of other users are in it. */
    public TestDirectory() throws IOException {
        path = Files.createTempDirectory("piimages-test-").toRealPath();
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    Path path() {
        return path;
    }

    Path resolve(String name) {
        return path.resolve(name);
    }

    /** What the kernel says is mounted below, the last mount first. */
    List<String> mounts() throws IOException {
        List<String> targets = Files.readString(Path.of("/proc/self/mountinfo"), StandardCharsets.UTF_8).lines()
                .map(line -> line.split(" ")[4]).filter(target -> target.startsWith(path + "/"))
                .collect(Collectors.toCollection(ArrayList::new));
        Collections.reverse(targets);
        return targets;
    }

    /** The loop devices over files in the directory, as sysfs names them. */
    List<String> loopDevices() throws IOException {
        List<String> devices = new ArrayList<>();
        try (var all = Files.newDirectoryStream(Path.of("/sys/block"), "loop*")) {
            for (Path device : all) {
                Path backing = device.resolve("loop/backing_file");
                if (Files.exists(backing) && Files.readString(backing).startsWith(path + "/")) {
                    devices.add(device.getFileName().toString());
                }
            }
        }
        return devices;
    }

    @Override
    public void close() throws IOException {
        for (String target : mounts()) {
            Programs.run("umount", "--lazy", "--", target);
        }
        Files.walkFileTree(path, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, IOException error) throws IOException {
                Files.deleteIfExists(directory);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
