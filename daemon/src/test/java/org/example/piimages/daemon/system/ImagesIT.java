package org.example.piimages.daemon.system;

import static org.example.piimages.daemon.system.BusClient.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.example.piimages.contract.Failure;
import org.example.piimages.contract.Names;
import org.example.piimages.libc.Fd;
import org.example.piimages.libc.Libc;
import org.freedesktop.dbus.FileDescriptor;
import org.freedesktop.dbus.types.Variant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Images over the bus: what the daemon says, and what the kernel says of it. */
class ImagesIT extends InTestSystem {

    private static final int O_RDONLY = 0;
    private static final int O_RDWR = 2;
    private static final Map<String, Variant<?>> READ_ONLY = Map.of("read-only", new Variant<>(true));

    @AfterEach
    void tidy() throws Exception {
        here.tidy();
    }

    private static Path mountPoint(BusClient client, String image) throws Exception {
        return Path.of((String) client.property(image, Names.IMAGE, "MountPoint"));
    }

    private static String text(Path file) throws Exception {
        return Files.readString(file);
    }

    @Test
    void rootAndBootAreMountedWhereTheFstabSays() throws Exception {
        String image = here.alice().mount(here.image("pi.img", TestSystem.ALICE).toString());
        Path root = mountPoint(here.alice(), image);
        assertEquals(List.of(root + "/boot/firmware", root.toString()), here.directory().mounts());
        assertEquals(2, here.directory().loopDevices().size());
        assertEquals("arm_64bit=1\n", UserThread.as(TestSystem.ALICE, () -> text(root.resolve("boot/firmware/config.txt"))));
        assertEquals("the image's root reads this\n", UserThread.as(TestSystem.ALICE, () -> text(root.resolve("etc/secret"))));
        here.alice().unmount(image);
        assertEquals(List.of(), here.directory().mounts());
        assertEquals(List.of(), here.directory().loopDevices());
        assertFalse(Files.exists(root));
    }

    @Test
    void ownerActsAsTheImagesRootAndNobodyElseGetsIn() throws Exception {
        Path file = here.image("pi.img", TestSystem.ALICE);
        String image = here.alice().mount(file.toString());
        Path root = mountPoint(here.alice(), image);
        Path made = UserThread.as(TestSystem.ALICE, () -> Files.writeString(root.resolve("etc/made"), "by the owner\n"));
        assertEquals(TestSystem.ALICE, Files.getAttribute(made, "unix:uid"));
        assertThrows(Exception.class, () -> UserThread.as(TestSystem.BOB, () -> text(root.resolve("etc/fstab"))));
        here.alice().unmount(image);
        Path again = mountPoint(here.root(), here.root().mount(file.toString()));
        assertEquals(0, Files.getAttribute(again.resolve("etc/made"), "unix:uid"));
    }

    @Test
    void signalsTellOfComingAndGoing() throws Exception {
        Path file = here.image("pi.img", TestSystem.ALICE);
        try (EventLog added = here.bob().listen(Names.SERVICE, Names.MANAGER_PATH, "org.freedesktop.DBus.ObjectManager", "InterfacesAdded");
                EventLog removed = here.bob().listen(Names.SERVICE, Names.MANAGER_PATH, "org.freedesktop.DBus.ObjectManager",
                        "InterfacesRemoved")) {
            String image = here.alice().mount(file.toString());
            Object[] news = added.await();
            assertEquals(image, news[0]);
            Map<?, ?> properties = (Map<?, ?>) ((Map<?, ?>) news[1]).get(Names.IMAGE);
            assertEquals((long) TestSystem.ALICE, properties.get("Owner"));
            assertEquals("", properties.get("File"), "everybody hears it");
            assertEquals(image, here.alice().mount(file.toString()));
            here.alice().unmount(image);
            assertEquals(List.of(image, List.of(Names.IMAGE)), List.of(removed.await()));
            assertTrue(added.isEmpty(), "mounting what is mounted is no news");
        }
    }

    @Test
    void ownerSeesAllAndOthersOnlyThatItIsThere() throws Exception {
        Path file = here.image("pi.img", TestSystem.ALICE);
        String image = here.alice().mount(file.toString());
        String root = mountPoint(here.alice(), image).toString();
        assertEquals(List.of(List.of(image, file.toString(), root, 1L, false)), here.alice().manager("ListImages", ""));
        assertEquals(List.of(List.of(image, file.toString(), root, 1L, false)), here.root().manager("ListImages", ""));
        assertEquals(List.of(List.of(image, "", "", 1L, false)), here.bob().manager("ListImages", ""));
        assertEquals("", here.bob().property(image, Names.IMAGE, "MountPoint"));
        Map<?, ?> objects = (Map<?, ?>) here.bob().call(Names.MANAGER_PATH, "org.freedesktop.DBus.ObjectManager", "GetManagedObjects", "");
        assertEquals("", ((Map<?, ?>) ((Map<?, ?>) objects.get(image)).get(Names.IMAGE)).get("File"));
    }

    @Test
    void propertiesAreTheKernelsTruth() throws Exception {
        Path file = here.image("pi.img", TestSystem.ALICE);
        String image = here.alice().mount(file.toString());
        Map<?, ?> all = (Map<?, ?>) here.alice().call(image, "org.freedesktop.DBus.Properties", "GetAll", "s", Names.IMAGE);
        assertEquals(file.toString(), all.get("File"));
        assertEquals("fstab", all.get("BootRule"));
        assertEquals(true, all.get("IdMapped"));
        assertEquals(Programs.run("uname", "-m"), all.get("Architecture"));
        List<?> partitions = (List<?>) all.get("Partitions");
        assertEquals(List.of(2L, "ext4", "/"), pick((List<?>) partitions.get(0)));
        assertEquals(List.of(1L, "ext2", "/boot/firmware"), pick((List<?>) partitions.get(1)));
        assertEquals(image, here.alice().manager("GetImage", "s", file.toString()));
    }

    private static List<?> pick(List<?> partition) {
        return List.of(partition.get(0), partition.get(1), partition.get(3));
    }

    @Test
    void twoUsersMountTheirOwn() throws Exception {
        String first = here.alice().mount(here.image("pi.img", TestSystem.ALICE).toString());
        String second = here.bob().mount(here.image("other.img", TestSystem.BOB).toString());
        assertEquals(2, ((List<?>) here.root().manager("ListImages", "")).size());
        assertFalse(mountPoint(here.alice(), first).getParent().equals(mountPoint(here.bob(), second).getParent()));
    }

    @Test
    void readOnlyImageStaysAsItIs() throws Exception {
        Path file = here.image("pi.img", TestSystem.ALICE);
        byte[] before = Files.readAllBytes(file);
        String image = here.alice().mount(file.toString(), READ_ONLY);
        Path root = mountPoint(here.alice(), image);
        assertThrows(Exception.class, () -> Files.writeString(root.resolve("etc/made"), "x"));
        here.alice().unmount(image);
        assertTrue(Arrays.equals(before, Files.readAllBytes(file)));
    }

    @Test
    void bootPartitionCanBeLeftOut() throws Exception {
        String image = here.alice().mount(here.image("pi.img", TestSystem.ALICE).toString(), Map.of("no-boot", new Variant<>(true)));
        assertEquals(List.of(mountPoint(here.alice(), image).toString()), here.directory().mounts());
        assertEquals("none", here.alice().property(image, Names.IMAGE, "BootRule"));
    }

    @Test
    void oddFileNamesAreShownAsTheyAreAndMountedAtPlainOnes() throws Exception {
        for (String name : List.of("a b.img", "zeile\num.img", "öß漢.img", "k=v;'\"$x.img", "x".repeat(251) + ".img")) {
            Path file = here.image(name, TestSystem.ALICE);
            String image = here.alice().mount(file.toString());
            assertEquals(file.toString(), here.alice().property(image, Names.IMAGE, "File"));
            assertTrue(mountPoint(here.alice(), image).getFileName().toString().matches("[A-Za-z0-9._+-]{1,64}"));
            here.alice().unmount(image);
        }
    }

    @Test
    void descriptorIsMountedAsItWasOpened() throws Exception {
        Path file = here.image("pi.img", 0);
        for (int flags : new int[] {O_RDONLY, O_RDWR}) {
            try (Fd fd = new Fd(Libc.call("open", file.toString(), flags))) {
                String image = (String) here.alice().manager("MountImageFd", "hsa{sv}", new FileDescriptor(fd.number()), "my image",
                        Map.of());
                assertEquals("my image", here.alice().property(image, Names.IMAGE, "File"));
                assertEquals(flags == O_RDONLY, here.alice().property(image, Names.IMAGE, "ReadOnly"));
                here.alice().unmount(image);
            }
        }
    }

    @Test
    void busyImageStaysMountedAndSaysWhoHoldsIt() throws Exception {
        String image = here.alice().mount(here.image("pi.img", TestSystem.ALICE).toString());
        List<String> mounts = here.directory().mounts();
        Path held = mountPoint(here.alice(), image).resolve("etc/fstab");
        try (var open = Files.newInputStream(held)) {
            String text = assertRefused(Failure.Kind.BUSY, here.alice().send((byte) 0, image, Names.IMAGE, "Unmount", "a{sv}", Map.of()));
            assertTrue(text.contains(String.valueOf(ProcessHandle.current().pid())), text);
            assertEquals(mounts, here.directory().mounts());
            assertEquals('p', open.read());
        }
        here.alice().unmount(image);
    }

    @Test
    void imageUnmountedBehindTheDaemonsBackIsGone() throws Exception {
        Path file = here.image("pi.img", TestSystem.ALICE);
        String image = here.alice().mount(file.toString());
        for (String target : here.directory().mounts()) {
            Programs.run("umount", target);
        }
        assertEquals(List.of(), here.alice().manager("ListImages", ""));
        assertEquals(image, here.alice().mount(file.toString()));
    }
}
