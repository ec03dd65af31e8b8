package org.example.piimages.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Tests rules on the source code, including that of tests. */
class SourceRuleTest {

    private static final int MAX_LINES = 300;
    private static final int MAX_COLUMNS = 140;
    private static final Pattern KERNEL_PATH = Pattern.compile("\"/(proc|sys|dev)\\b");
    /** The package whose "/dev" paths are from files of images; they are compared and never opened, which ArchitectureRuleTest ensures. */
    private static final String PACKAGE_OF_IMAGE_PATHS = "system";

    /** The system and library calls that open a file by name: open(2) and similar calls. */
    private static final Pattern OPENING = Pattern.compile(
            "\"(open|open64|openat|openat64|openat2|creat|fopen|opendir|name_to_handle_at|open_by_handle_at)\"|SystemCall\\.OPENAT2");
    /**
     * The Java methods that open a file by name. They must not be used outside of the linux package, because they would open users' paths
     * as root.
     */
    private static final Pattern JAVA_OPENING = Pattern.compile("new (FileInputStream|FileOutputStream|RandomAccessFile|FileReader"
            + "|FileWriter)\\(|FileChannel\\.open|Files\\.(newByteChannel|newInputStream|newOutputStream|newBufferedReader|copy)\\(");

    /** The package of a class of the command line's; none for the one that is on top. */
    private static final Pattern CLI_IMPORT =
            Pattern.compile("import (?:static )?org\\.example\\.piimages\\.cli\\.(?:([a-z][a-z.]*)\\.)?[A-Z]");

    private static List<Path> sources(String directory) {
        List<Path> sources = new ArrayList<>();
        for (String module : new String[] {"../dbus", "../daemon", "../first-boot", "../build", "../cli-client"}) {
            Path root = Path.of(module, directory);
            try (Stream<Path> files = Files.exists(root) ? Files.walk(root) : Stream.empty()) {
                files.filter(file -> file.toString().endsWith(".java")).forEach(sources::add);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        assertTrue(!sources.isEmpty(), "no sources in " + directory);
        return sources;
    }

    private static boolean isInLinux(Path file) {
        return file.getParent().getParent().endsWith("linux");
    }

    @Test
    void filesAndLinesAreShort() throws IOException {
        List<String> tooLong = new ArrayList<>();
        for (Path file : sources("src")) {
            List<String> lines = Files.readAllLines(file);
            if (lines.size() >= MAX_LINES) {
                tooLong.add(file + " has " + lines.size() + " lines");
            }
            lines.stream().filter(line -> line.length() > MAX_COLUMNS).forEach(line -> tooLong.add(file + ": " + line.strip()));
        }
        assertEquals(List.of(), tooLong);
    }

    @Test
    void kernelPathsAreOnlyInLinux() throws IOException {
        List<String> elsewhere = new ArrayList<>();
        for (Path file : sources("src/main")) {
            // The command line and its builds run with the user's privileges, and use their own streams.
            boolean exempt = file.startsWith("../cli-client") || file.startsWith("../build")
                    || isInLinux(file) || file.getParent().endsWith("libc")
                    || file.getParent().endsWith(Path.of("image", PACKAGE_OF_IMAGE_PATHS));
            Matcher found = KERNEL_PATH.matcher(Files.readString(file));
            while (!exempt && found.find()) {
                elsewhere.add(file + ": " + found.group());
            }
        }
        assertEquals(List.of(), elsewhere);
    }

    @Test
    void onlyLookupOpensFiles() throws IOException {
        List<String> elsewhere = new ArrayList<>();
        for (Path file : sources("src/main")) {
            boolean commandLine = file.startsWith("../cli-client");
            boolean door = file.endsWith("linux/file/Lookup.java") || file.endsWith("libc/SystemCall.java");
            Matcher found = OPENING.matcher(Files.readString(file));
            while (!commandLine && !door && found.find()) {
                elsewhere.add(file + ": " + found.group());
            }
            Matcher javas = JAVA_OPENING.matcher(Files.readString(file));
            boolean exempt = isInLinux(file);
            while (file.startsWith("../daemon") && !exempt && javas.find()) {
                elsewhere.add(file + ": " + javas.group());
            }
        }
        assertEquals(List.of(), elsewhere);
    }

    @Test
    void packagesOfCommandLineAreOrdered() throws IOException {
        String top = "";
        List<String> order = List.of("failure", "terminal", "option", "output", "service", "command", "command.machine", "command.image",
                "command.care", "command.build", "command.host", top, "completion");
        Path root = Path.of("../cli-client/src/main/java/org/example/piimages/cli");
        List<String> backwards = new ArrayList<>();
        for (Path file : sources("src/main")) {
            if (!file.startsWith(root)) {
                continue;
            }
            int own = order.indexOf(root.relativize(file.getParent()).toString().replace('/', '.'));
            assertTrue(own >= 0, file + " is in a package that has no place in the order");
            Matcher imported = CLI_IMPORT.matcher(Files.readString(file));
            while (imported.find()) {
                int other = order.indexOf(imported.group(1) == null ? top : imported.group(1));
                if (other < 0 || other > own) {
                    backwards.add(file + ": " + imported.group());
                }
            }
        }
        assertEquals(List.of(), backwards);
    }
}
