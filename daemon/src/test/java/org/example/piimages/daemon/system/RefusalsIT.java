package org.example.piimages.daemon.system;

import static org.example.piimages.daemon.system.BusClient.assertError;
import static org.example.piimages.daemon.system.BusClient.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.example.piimages.contract.Failure.Kind;
import org.example.piimages.contract.Names;
import org.example.piimages.libc.Fd;
import org.example.piimages.libc.Libc;
import org.freedesktop.dbus.FileDescriptor;
import org.freedesktop.dbus.types.Variant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What cannot be done is said in one line, and nothing is left of the attempt: no mount, loop device, record or descriptor. */
class RefusalsIT extends InTestSystem {

    private static final int O_RDONLY = 0;
    private static final int O_WRONLY = 1;
    private static final int O_RDWR = 2;
    private static final int O_PATH = 0x200000;

    private int descriptors;

    @BeforeAll
    static void prepare() throws Exception {
        // What the first mount opens for good: the user's namespace.
        here.alice().unmount(here.alice().mount(here.image("first.img", TestSystem.ALICE).toString()));
    }

    @BeforeEach
    void count() throws Exception {
        descriptors = here.daemon().descriptors();
    }

    @AfterEach
    void tidy() throws Exception {
        here.tidy();
        here.daemon().requireDescriptors(descriptors);
    }

    private static CompletableFuture<List<?>> mount(BusClient client, Path path) {
        return mount(client, path.toString(), Map.of());
    }

    private static CompletableFuture<List<?>> mount(BusClient client, String path, Map<String, ?> options) {
        return client.send((byte) 0, Names.MANAGER_PATH, Names.MANAGER, "MountImage", "sa{sv}", path, options);
    }

    private static CompletableFuture<List<?>> mountFd(Path path, int flags, Map<String, ?> options) throws Exception {
        try (Fd fd = new Fd(Libc.call("open", path.toString(), flags))) {
            return here.alice().send((byte) 0, Names.MANAGER_PATH, Names.MANAGER, "MountImageFd", "hsa{sv}",
                    new FileDescriptor(fd.number()), "the name", options);
        }
    }

    @Test
    void whatIsNoImageIsRefused() throws Exception {
        Path empty = Files.createFile(here.directory().resolve("empty.img"));
        assertRefused(Kind.INVALID_IMAGE, mount(here.alice(), empty));
        Path text = Files.writeString(here.directory().resolve("text.img"), "no image\n".repeat(1000));
        assertRefused(Kind.INVALID_IMAGE, mount(here.alice(), text));
        assertRefused(Kind.INVALID_IMAGE, mount(here.alice(), here.directory().path()));
        assertRefused(Kind.INVALID_IMAGE, mount(here.alice(), Path.of("/dev/null")));
        Path fifo = here.directory().resolve("fifo");
        Programs.run("mkfifo", "--mode=666", fifo.toString());
        assertRefused(Kind.INVALID_IMAGE, mount(here.alice(), fifo));
    }

    @Test
    void truncatedImageIsRefusedWhereverItEnds() throws Exception {
        for (long length : new long[] {512, 1 << 20, 3 << 19, 2 << 20, (2 << 20) + 4096, 4 << 20}) {
            Path image = here.image("short-" + length + ".img", TestSystem.ALICE);
            try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
                file.setLength(length);
            }
            String text = assertRefused(Kind.INVALID_IMAGE, mount(here.alice(), image));
            assertTrue(text.startsWith(image.toString()), text);
        }
    }

    @Test
    void brokenFilesystemIsRefusedInTheKernelsWords() throws Exception {
        Path image = here.image("broken.img", TestSystem.ALICE);
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            // The root's inode size, from its superblock.
            file.seek((2 << 20) + 1024 + 0x58);
            file.write(ByteBuffer.allocate(2).order(ByteOrder.LITTLE_ENDIAN).putShort((short) 77).array());
        }
        assertRefused(Kind.INVALID_IMAGE, mount(here.alice(), image));
    }

    @Test
    void whatIsNotThereOrNotTheCallersIsRefused() throws Exception {
        assertRefused(Kind.NOT_FOUND, mount(here.alice(), Path.of("/nowhere/pi.img")));
        assertRefused(Kind.NOT_FOUND, mount(here.alice(), here.image("bob.img", TestSystem.BOB).resolve("below")));
        assertRefused(Kind.ACCESS_DENIED, mount(here.alice(), here.directory().resolve("bob.img")));
        Path link = Files.createSymbolicLink(here.directory().resolve("link.img"), Path.of("/etc/shadow"));
        assertRefused(Kind.ACCESS_DENIED, mount(here.alice(), link));
        assertRefused(Kind.ACCESS_DENIED, mount(here.alice(), Path.of("/proc/1/root/etc/shadow")));
        assertRefused(Kind.INVALID_ARGUMENT, mount(here.alice(), "pi.img", Map.of()));
        assertRefused(Kind.INVALID_ARGUMENT, mount(here.alice(), "", Map.of()));
        assertRefused(Kind.INVALID_ARGUMENT, mount(here.alice(), "/" + "x".repeat(5000), Map.of()));
        assertRefused(Kind.NOT_MOUNTED, here.bob().send((byte) 0, Names.MANAGER_PATH, Names.MANAGER, "GetImage", "s",
                here.directory().resolve("bob.img").toString()));
    }

    @Test
    void descriptorGivesNoMoreThanItsSenderHas() throws Exception {
        Path image = here.image("pi.img", 0);
        assertRefused(Kind.ACCESS_DENIED, mountFd(image, O_PATH, Map.of()));
        assertRefused(Kind.ACCESS_DENIED, mountFd(image, O_WRONLY, Map.of()));
        assertRefused(Kind.INVALID_IMAGE, mountFd(here.directory().path(), O_RDONLY, Map.of()));
        assertRefused(Kind.INVALID_IMAGE, mountFd(Path.of("/dev/null"), O_RDWR, Map.of()));
    }

    @Test
    void optionsThatAreWrongAreRefusedBeforeAnythingIsDone() throws Exception {
        Path image = here.image("pi.img", TestSystem.ALICE);
        for (Map<String, ?> options : List.of(Map.of("nosuch", new Variant<>(true)), Map.of("read-only", new Variant<>("yes")),
                Map.of("read-only", new Variant<>(true), "READ-ONLY", new Variant<>(true)))) {
            assertRefused(Kind.INVALID_ARGUMENT, mount(here.alice(), image.toString(), options));
            assertRefused(Kind.INVALID_ARGUMENT, mountFd(image, O_RDWR, options));
        }
        Map<String, Variant<?>> many = new HashMap<>();
        for (int i = 0; i < 65; i++) {
            many.put("option-" + i, new Variant<>(true));
        }
        assertRefused(Kind.INVALID_ARGUMENT, mount(here.alice(), image.toString(), many));
    }

    @Test
    void anotherUsersImageIsBusy() throws Exception {
        Path image = here.image("pi.img", TestSystem.ALICE);
        here.alice().mount(image.toString());
        assertRefused(Kind.BUSY, mount(here.root(), image));
        assertRefused(Kind.ACCESS_DENIED, mount(here.bob(), image));
    }

    @Test
    void imageThatOthersUseIsBusy() throws Exception {
        Path image = here.image("pi.img", TestSystem.ALICE);
        String device = Programs.run("losetup", "--find", "--show", "--read-only", image.toString());
        try {
            String text = assertRefused(Kind.BUSY, mount(here.alice(), image));
            assertTrue(text.contains(device), text);
        } finally {
            Programs.run("losetup", "--detach", device);
        }
        try (Fd locked = new Fd(Libc.call("open", image.toString(), O_RDWR))) {
            Libc.call("flock", locked.number(), 2);
            assertRefused(Kind.BUSY, mount(here.alice(), image));
        }
    }

    @Test
    void mountedImageIsNotMadeReadOnlyUnderItsUsers() throws Exception {
        Path image = here.image("pi.img", TestSystem.ALICE);
        here.alice().mount(image.toString());
        assertRefused(Kind.BUSY, mount(here.alice(), image.toString(), Map.of("read-only", new Variant<>(true))));
    }

    @Test
    void imagesBeyondTheLimitAreRefused() throws Exception {
        Path image = here.image("0.img", TestSystem.ALICE);
        for (int i = 0; i < 64; i++) {
            here.alice().mount((i == 0 ? image : here.image(i + ".img", TestSystem.ALICE)).toString(),
                    Map.of("no-boot", new Variant<>(true)));
        }
        Path last = here.image("last.img", TestSystem.ALICE);
        assertRefused(Kind.LIMIT_EXCEEDED, mount(here.alice(), last));
        assertEquals(64, ((List<?>) here.root().manager("ListImages", "")).size());
    }

    @Test
    void imageThatIsGoneIsAnUnknownObject() throws Exception {
        String image = here.alice().mount(here.image("pi.img", TestSystem.ALICE).toString());
        here.alice().unmount(image);
        assertError(Names.UNKNOWN_OBJECT, here.alice().send((byte) 0, image, Names.IMAGE, "Unmount", "a{sv}", Map.of()));
    }
}
