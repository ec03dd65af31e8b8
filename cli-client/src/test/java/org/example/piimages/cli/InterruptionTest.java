package org.example.piimages.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.example.piimages.cli.service.Call;
import org.example.piimages.dbus.RemoteError;
import org.freedesktop.dbus.DBusPath;
import org.freedesktop.dbus.types.Variant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests a signal during a method call, in a separate process that the signal terminates. */
class InterruptionTest {

    private static final int INTERRUPTED = 130;

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "configure pi.img --show    | MountImage | MountImage, Unmount",
        "configure pi.img --show    | GetAll     | MountImage, Unmount",
        "configure pi.img --show    | Unmount    | MountImage, Unmount",
        "check pi.img               | CheckImage | CheckImage, check, Cancel",
        "check pi.img               | GetAll     | CheckImage, check, Cancel",
        "check pi.img               | Wait       | CheckImage, check, Cancel",
        "check refused.img          | CheckImage | CheckImage"})
    void cancelsWhatWasStarted(String command, String instant, String done) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
                System.getProperty("java.class.path"), Interrupted.class.getName(), instant, command.strip());
        Process process = builder.redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(INTERRUPTED, process.waitFor(), output);
        assertEquals(List.of(done.split(", ")), output.lines().toList(), output);
    }

    /** The separate process; its arguments are INSTANT COMMAND. It prints progress, and the changing calls when they return. */
    static final class Interrupted {

        private static final String IMAGE = "/org/example/PiImages/image/1";
        private static final String JOB = "/org/example/PiImages/job/1";
        /** A delay that is longer than the shutdown hooks take if they do not wait. */
        private static final long MILLISECONDS = 300;

        private final String instant;
        private boolean isInterrupted;

        private Interrupted(String instant) {
            this.instant = instant;
        }

        public static void main(String[] arguments) {
            new Interrupted(arguments[0]).run(arguments[1].split(" "));
        }

        private void run(String... command) {
            FakeBus bus = new FakeBus();
            bus.answer("GetImage", call -> {
                throw new RemoteError("org.example.PiImages.Error.NotMounted", "it is not mounted");
            });
            bus.answer("ListImages", call -> List.of());
            bus.answer("GetAll", atInstant("GetAll", Map.of("MountPoint", new Variant<>("/"), "ReadOnly", new Variant<>(true),
                    "Step", new Variant<>("check")), false));
            bus.answer("MountImage", atInstant("MountImage", new DBusPath(IMAGE), true));
            bus.answer("Unmount", atInstant("Unmount", null, true));
            bus.answer("CheckImage", call -> {
                Object job = atInstant("CheckImage", new DBusPath(JOB), true).apply(call);
                if (call.arguments().get(0).toString().endsWith("refused.img")) {
                    throw new RemoteError("org.example.PiImages.Error.NotAuthorized", "polkit did not authorise you");
                }
                return job;
            });
            bus.answer("Wait", atInstant("Wait", Map.of(), false));
            bus.answer("Cancel", atInstant("Cancel", null, true));
            System.exit(new Program(passFds -> bus, new FakeAuthentication(), System.out, System.err).run(command));
        }

        private Function<Call, Object> atInstant(String member, Object answer, boolean isPrinted) {
            return call -> {
                if (member.equals(instant) && !isInterrupted) {
                    isInterrupted = true;
                    new Thread(() -> System.exit(INTERRUPTED)).start();
                    pause();
                }
                if (isPrinted) {
                    System.out.println(member);
                }
                return answer;
            };
        }

        private static void pause() {
            try {
                Thread.sleep(MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
