package org.example.piimages.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.example.piimages.cli.failure.ExitCode;
import org.example.piimages.cli.service.Bus;
import org.example.piimages.cli.service.Call;
import org.freedesktop.dbus.DBusPath;
import org.freedesktop.dbus.types.UInt32;
import org.freedesktop.dbus.types.UInt64;
import org.freedesktop.dbus.types.Variant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests complete command lines with a fake bus. */
class ProgramTest {

    private static final String IMAGE = "/org/example/PiImages/image/1";
    private static final String MOUNT_POINT = "/run/piimages/mnt/1000/pi.img";
    private static final String OURS = "org.example.PiImages.Error.";
    private static final String THE_BUS = "org.freedesktop.DBus.Error.";

    private final FakeBus bus = new FakeBus();
    private final FakeAuthentication authentication = new FakeAuthentication();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @BeforeEach
    void answers() {
        bus.answer("MountImage", call -> new DBusPath(IMAGE));
        bus.answer("GetImage", call -> new DBusPath(IMAGE));
        bus.answer("GetAll", call -> Map.of("MountPoint", new Variant<>(MOUNT_POINT), "ReadOnly", new Variant<>(true)));
        bus.answer("Unmount", call -> null);
        bus.answer("Terminate", call -> null);
        bus.answer("RunImage", call -> 42);
        bus.answer("ListImages", call -> rows(new Object[] {new DBusPath(IMAGE), "/home/me/pi\n.img", MOUNT_POINT,
            new UInt32(1000), false}));
        bus.answer("ListMachines", call -> rows(new Object[] {"pi", new DBusPath("/m/pi"), "piimages-pi.service", "", new UInt32(0)}));
        bus.answer("ListInterpreters", call -> rows(new Object[] {"armv7l", "missing", "", "qemu-user-static", "", false}));
    }

    private static List<Object[]> rows(Object[]... structs) {
        return List.of(structs);
    }

    private int run(String... arguments) {
        Bus.Opener opener = passFds -> {
            bus.passedFds = passFds;
            return bus;
        };
        return new Program(opener, authentication, stream(out), stream(err)).run(arguments);
    }

    private static PrintStream stream(ByteArrayOutputStream bytes) {
        return new PrintStream(bytes, true, StandardCharsets.UTF_8);
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    @Test
    void mountPrintsMountPoint() {
        assertEquals(ExitCode.OK, run("mount", "--read-only", "pi.img"));
        assertEquals(MOUNT_POINT + "\n", out());
        Call call = bus.sent.get(0).call();
        assertEquals(Path.of("pi.img").toAbsolutePath().toString(), call.arguments().get(0));
        assertEquals(Map.of("read-only", new Variant<>(true)), call.arguments().get(1));
        assertFalse(bus.passedFds);
        assertTrue(bus.closed);
    }

    @Test
    void listEscapesControlCharacters() {
        assertEquals(ExitCode.OK, run("list"));
        assertEquals("""
                IMAGE              MOUNT POINT                    ACCESS      OWNER
                /home/me/pi\\n.img  /run/piimages/mnt/1000/pi.img  read-write  1000

                1 image mounted.
                """, out());
    }

    @Test
    void acceptsGlobalOptionBeforeAndAfterCommand() {
        run("--no-legend", "list");
        String before = out();
        out.reset();
        run("list", "-q");
        assertEquals("/home/me/pi\\n.img  /run/piimages/mnt/1000/pi.img  read-write  1000\n", before);
        assertEquals(before, out());
    }

    @Test
    void listAsJson() {
        run("list", "--json=short");
        assertEquals("[{\"image\":\"/home/me/pi\\n.img\",\"mount_point\":\"" + MOUNT_POINT + "\",\"read_only\":false,\"owner\":1000,"
                + "\"object\":\"" + IMAGE + "\"}]\n", out());
    }

    @Test
    void interpretersNamesMissingPackage() {
        run("interpreters", "--no-legend");
        assertEquals("armv7l  missing  (install qemu-user-static)  -  -  -\n", out());
    }

    @Test
    void printsSizesWithUnitsOrAsBytes() {
        Object[] root = {new UInt32(2), "ext4", "uuid", "/", "/dev/loop0", new UInt64(0), new UInt64(3L << 29)};
        bus.answer("ListMachines", call -> rows());
        bus.answer("GetAll", call -> Map.of("Partitions", new Variant<>(rows(root), "a(usssstt)")));
        run("status", "pi.img");
        assertTrue(out().contains("ext4, 1.5 GiB, on /"), out());
        run("status", "--bytes", "pi.img");
        assertTrue(out().contains("ext4, 1610612736, on /"), out());
    }

    @Test
    void doctorReportsProblemsAndFails() {
        bus.answer("DiagnoseHost", call -> rows(new Object[] {"kernel", "ok", "fine", ""},
                new Object[] {"loop", "problem", "none\033", "modprobe loop"}));
        assertEquals(ExitCode.FAILED, run("doctor"));
        assertEquals("""
                ok       kernel: fine
                problem  loop: none\\x1b
                         modprobe loop

                1 thing will not work.
                """, out());
        out.reset();
        run("doctor", "-q");
        assertEquals("problem  loop: none\\x1b\n         modprobe loop\n", out());
    }

    @Test
    void doctorSucceedsWithWarnings() {
        bus.answer("DiagnoseImage", call -> rows(new Object[] {"fstab", "warning", "skipped", ""}));
        assertEquals(ExitCode.OK, run("doctor", "--json=short", "pi.img"));
        assertEquals("[{\"check\":\"fstab\",\"severity\":\"warning\",\"text\":\"skipped\",\"remedy\":\"\"}]\n", out());
        assertEquals(List.of(Path.of("pi.img").toAbsolutePath().toString(), Map.of()), bus.sent.get(0).call().arguments());
    }

    @Test
    void doctorReportsMissingService() {
        bus.fail("DiagnoseHost", THE_BUS + "ServiceUnknown", "unknown");
        assertEquals(ExitCode.FAILED, run("doctor"));
        assertTrue(out().startsWith("problem  service: the PiImages service is not installed"), out());
        assertEquals("", err());
    }

    @Test
    void umountFindsImageByMountPoint(@TempDir Path mountPoint) {
        bus.answer("ListImages", call -> rows(new Object[] {new DBusPath("/other"), "", "", new UInt32(1), false},
                new Object[] {new DBusPath(IMAGE), "/pi.img", mountPoint.toString(), new UInt32(1), false}));
        assertEquals(ExitCode.OK, run("umount", mountPoint.toString()));
        assertEquals(IMAGE, bus.sent.get(1).call().path());
        assertEquals("Unmount", bus.sent.get(1).call().member());
    }

    @Test
    void umountOfAnotherDirectoryIsNotFound(@TempDir Path other) {
        assertEquals(ExitCode.NOT_FOUND, run("umount", other.toString()));
    }

    @Test
    void terminateFindsMachineByName() {
        assertEquals(ExitCode.OK, run("terminate", "pi"));
        assertEquals("/m/pi", bus.sent.get(1).call().path());
        assertEquals(ExitCode.NOT_FOUND, run("terminate", "other"));
        assertEquals("piimagesctl: no machine other is running; see: piimagesctl machines\n", err());
    }

    @Test
    void runExitsWithStatusOfCommand() {
        assertEquals(42, run("run", "pi.img", "--", "false"));
        assertEquals(0, bus.listeners);
        assertTrue(bus.passedFds);
    }

    @Test
    void asksForPasswordOnlyIfRequired() {
        authentication.possible = true;
        run("mount", "pi.img");
        assertEquals(0, authentication.begun);
        bus.needsPassword = true;
        bus.sent.clear();
        assertEquals(ExitCode.OK, run("mount", "pi.img"));
        assertEquals(List.of(false, true, false), bus.sent.stream().map(FakeBus.Sent::interactive).toList());
        assertEquals(1, authentication.begun);
        assertEquals(1, authentication.ended);
    }

    @ParameterizedTest
    @ValueSource(strings = {"mount", "umount"})
    void explainsPolkitRuleIfUserCannotBeAsked(String command) {
        bus.needsPassword = true;
        authentication.possible = true;
        assertEquals(ExitCode.DENIED, run(command, "--no-ask-password", "pi.img"));
        assertTrue(err().contains("polkit rule"), err());
        assertEquals(1, err().lines().count());
    }

    @ParameterizedTest
    @CsvSource({
        OURS + "NotFound, 3", OURS + "NotMounted, 3", OURS + "AccessDenied, 4", OURS + "NotAuthorized, 4",
        OURS + "AuthorizationDismissed, 4", OURS + "Busy, 5", OURS + "InvalidArgument, 2", OURS + "InvalidImage, 1", OURS + "Unheard, 1",
        THE_BUS + "ServiceUnknown, 6", THE_BUS + "NoReply, 6", THE_BUS + "TimedOut, 6", THE_BUS + "Spawn.ExecFailed, 6",
        THE_BUS + "AccessDenied, 4", THE_BUS + "UnknownObject, 3", THE_BUS + "UnknownMethod, 1", "com.example.Other, 1"})
    void mapsErrorsToExitStatusAndOneLine(String name, int exitCode) {
        bus.fail("MountImage", name, "what\nand why");
        assertEquals(exitCode, run("mount", "pi.img"));
        assertEquals("", out());
        assertTrue(err().startsWith("piimagesctl: "), err());
        assertEquals(1, err().lines().count());
    }

    @Test
    void retriesCallAFewTimesIfServiceStartsSlowly() {
        bus.fail("MountImage", THE_BUS + "TimedOut", "Failed to activate service");
        assertEquals(ExitCode.UNREACHABLE, run("mount", "pi.img"));
        assertTrue(err().contains("did not start in time"), err());
        assertEquals(4, bus.sent.stream().filter(sent -> sent.call().member().equals("MountImage")).count());
    }

    @ParameterizedTest
    @CsvSource({OURS + "CommandNotFound, 127", OURS + "CommandNotExecutable, 126", OURS + "NotFound, 125", OURS + "Busy, 125",
        THE_BUS + "ServiceUnknown, 125"})
    void runDistinguishesItsFailuresFromThoseOfCommand(String name, int exitCode) {
        bus.fail("RunImage", name, "why");
        assertEquals(exitCode, run("run", "pi.img", "--", "x"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "nonsense | 2 | unknown command 'nonsense'; see: piimagesctl --help",
        "unpack pi.bin | 2 | cannot derive the name of the image from pi.bin; specify it: piimagesctl unpack SOURCE TARGET",
        "list extra | 2 | unexpected argument 'extra'; see: piimagesctl list --help",
        "mount | 2 | Missing required parameter: 'IMAGE'; see: piimagesctl mount --help",
        "mount --nonsense x | 2 | Unknown option: '--nonsense'; see: piimagesctl mount --help",
        "run x | 125 | no command specified; see: piimagesctl run --help",
        "run x --user pi | 125 | '--user' is in the place of the command; options have to precede IMAGE; see: piimagesctl run --help",
        "run -E A x -- y | 125 | 'A' is not NAME=VALUE; see: piimagesctl run --help"})
    void usageErrorsAreOneLineWithoutCall(String line, int exitCode, String message) {
        assertEquals(exitCode, run(line.split(" ")));
        assertEquals("piimagesctl: " + message + "\n", err());
        assertEquals(List.of(), bus.sent);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "caf\ufffd.img"})
    void rejectsInvalidImageName(String name) {
        assertEquals(ExitCode.USAGE, run("mount", name));
        assertEquals(List.of(), bus.sent);
    }

    @Test
    void acceptsHelpAsCommand() {
        assertEquals(ExitCode.OK, run("help"));
        assertTrue(out().contains("Image care:"), out());
        assertEquals(ExitCode.OK, run("help", "mount"));
        assertTrue(out().contains("Usage: piimagesctl mount"), out());
    }

    @Test
    void helpFits80Columns() {
        for (String[] line : new String[][] {{"--help"}, {"run", "--help"}, {"mount", "-h"}, {"status", "--help"}}) {
            assertEquals(ExitCode.OK, run(line));
        }
        assertEquals(List.of(), out().lines().filter(line -> line.length() > 80).toList());
    }
}
