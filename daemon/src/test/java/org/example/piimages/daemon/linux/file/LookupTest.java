package org.example.piimages.daemon.linux.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.linux.mount.DirectoryTree;
import org.example.piimages.libc.Errno;
import org.example.piimages.libc.ErrnoException;
import org.example.piimages.libc.Fd;
import org.example.piimages.libc.OpenFlags;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LookupTest {

    @TempDir
    private Path directory;

    private static long descriptors(Path top) throws IOException {
        try (Stream<Path> fds = Files.list(Path.of("/proc/self/fd"))) {
            return fds.filter(fd -> {
                try {
                    return Files.readSymbolicLink(fd).startsWith(top);
                } catch (IOException e) {
                    return false;
                }
            }).count();
        }
    }

    private static int errno(String path) {
        return assertThrows(ErrnoException.class, () -> Lookup.path(path, OpenFlags.O_PATH)).errno();
    }

    @Test
    void refusesLinksToOwnDescriptors() throws IOException {
        Files.createFile(directory.resolve("file"));
        try (Fd open = DirectoryTree.open(directory)) {
            for (String own : new String[] {"/proc/self/fd/", "/dev/fd/", "/proc/thread-self/fd/",
                "/proc/" + ProcessHandle.current().pid() + "/fd/"}) {
                assertEquals(Errno.ELOOP, errno(own + open.number() + "/file"), own);
                assertEquals(Errno.ELOOP, errno(own + open.number()), own);
            }
        }
        assertEquals(Errno.ELOOP, errno("/proc/self/root/etc/passwd"));
        assertEquals(Errno.ELOOP, errno("/proc/self/cwd/."));
        assertEquals(Errno.ELOOP, errno("/proc/self/exe"));
    }

    @Test
    void refusesFilesOfProc() throws IOException {
        Path link = Files.createSymbolicLink(directory.resolve("link"), Path.of("/proc/self/status"));
        for (String path : new String[] {"/proc", "/proc/self/maps", "/proc/self/fd", "/proc/cpuinfo", link.toString()}) {
            Failure failure = assertThrows(Failure.class, () -> Lookup.path(path, OpenFlags.O_PATH), path);
            assertEquals(Failure.Kind.ACCESS_DENIED, failure.kind());
        }
        Lookup.path("/proc/../etc/passwd", OpenFlags.O_PATH).close();
    }

    @Test
    void entryCannotLeaveItsDirectory() throws IOException {
        Path inner = Files.createDirectory(directory.resolve("inner"));
        Path outside = Files.createFile(directory.resolve("outside"));
        Path link = Files.createSymbolicLink(inner.resolve("link"), outside);
        try (Fd open = DirectoryTree.open(inner)) {
            assertEquals(Errno.EXDEV, entryErrno(open, "../outside"));
            assertEquals(Errno.EXDEV, entryErrno(open, ".."));
            assertEquals(Errno.EXDEV, entryErrno(open, outside.toString()));
            assertEquals(Errno.ELOOP, assertThrows(ErrnoException.class, () -> Lookup.entry(open, "link", OpenFlags.O_RDONLY, 0)).errno());
            assertEquals(Errno.EEXIST, assertThrows(ErrnoException.class, () -> Lookup.entry(open, "link",
                    OpenFlags.O_RDWR | OpenFlags.O_CREAT | OpenFlags.O_EXCL, 0600)).errno());
            try (Fd entry = Lookup.entry(open, "link", OpenFlags.O_PATH, 0)) {
                assertEquals("a special file", FileStatus.of(entry).kind(), link.toString());
            }
        }
    }

    private static int entryErrno(Fd open, String name) {
        return assertThrows(ErrnoException.class, () -> Lookup.entry(open, name, OpenFlags.O_PATH, 0)).errno();
    }

    /** A filesystem that a user serves may open a file without giving its status. */
    @Test
    void closesFileWithoutStatus() throws IOException {
        Path file = Files.createFile(directory.resolve("file"));
        Fd fd = Lookup.trusted(file.toString(), OpenFlags.O_RDONLY);
        int number = fd.number();
        fd.close();
        Fd gone = new Fd(number + 5000);
        assertEquals(Errno.EBADF, assertThrows(ErrnoException.class, () -> new OpenFile(gone, false)).errno());
        assertThrows(IllegalStateException.class, gone::number);
    }

    @Test
    void failureLeavesNoDescriptor() throws IOException {
        Files.createFile(directory.resolve("file"));
        Credentials nobody = new Credentials(ownUid(), new int[] {0});
        for (int i = 0; i < 200; i++) {
            assertThrows(Failure.class, () -> CallerFiles.find(directory + "/file", nobody, 0));
            assertThrows(ErrnoException.class, () -> Lookup.path(directory + "/file/x", OpenFlags.O_PATH));
            assertThrows(ErrnoException.class, () -> Lookup.path(directory + "/" + "x".repeat(300), OpenFlags.O_PATH));
        }
        assertEquals(0, descriptors(directory));
    }

    private int ownUid() throws IOException {
        return (int) Files.getAttribute(directory, "unix:uid");
    }
}
