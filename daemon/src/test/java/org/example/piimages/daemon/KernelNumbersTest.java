package org.example.piimages.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Tests that each kernel constant in the sources has the value of the kernel headers, on all CPU architectures. {@code testbed/check}
 * compares the tables that are used here with the headers.
 */
class KernelNumbersTest {

    private static final Pattern CONSTANT = Pattern.compile("static final (?:int|long) ([A-Z][A-Z0-9_]*) = ([^;]+);");
    private static final Pattern NUMBER = Pattern.compile("-?(?:0x[0-9a-fA-F]+|\\d+)L?");
    /** The prefixes of most kernel constants. A constant with such a name must be in the tables. */
    private static final Pattern KERNEL_PREFIX = Pattern.compile(
            "(O|AT|RESOLVE|OPEN_HOW|F|SEEK|FALLOC_FL|STATX|S_IF|STX|FSOPEN|FSMOUNT|FSCONFIG|OPEN_TREE|MOVE_MOUNT|MOUNT_ATTR|LOOP|LO|BLK"
                    + "|EXT4_IOC|BTRFS|DM|SYS|AF|SOCK|SOL|SCM|MSG|MSGHDR|IOVEC|CMSG|LINUX|ACL|CLONE|MS|MNT|PR|RENAME|XATTR|P_PIDFD)_.*");
    private static final Pattern SYSTEM_CALL = Pattern.compile("^ {4}([A-Z][A-Z0-9_]*)\\((\\d+)\\)[,;]", Pattern.MULTILINE);
    private static final Pattern ROW = Pattern.compile("^ {4}([A-Z0-9]+)\\(\"(\\w+)\", (\\w+), (\\w+), (\\w+), (\\d+)\\)[,;]",
            Pattern.MULTILINE);

    private static final Path LIBC = Path.of("../dbus/src/main/java/org/example/piimages/libc");

    private static List<Path> sources() throws IOException {
        List<Path> sources = new ArrayList<>();
        for (String directory : new String[] {"../dbus/src/main/java", "src/main/java"}) {
            try (Stream<Path> files = Files.walk(Path.of(directory))) {
                files.filter(file -> file.toString().endsWith(".java")).forEach(sources::add);
            }
        }
        return sources;
    }

    /** A constant that is a literal must have the same value on all architectures. */
    @Test
    void constantsMatchHeadersOfAllArchitectures() throws IOException {
        int compared = 0;
        List<String> wrong = new ArrayList<>();
        for (Path file : sources()) {
            Matcher constant = CONSTANT.matcher(Files.readString(file));
            while (constant.find()) {
                if (isKernelConstant(file, constant.group(1)) && NUMBER.matcher(constant.group(2)).matches()) {
                    compared++;
                    compare(file, constant.group(1), Long.decode(constant.group(2).replaceFirst("L$", "")), wrong);
                }
            }
        }
        assertEquals(List.of(), wrong);
        assertTrue(compared > 100, "only " + compared + " constants found");
    }

    private static boolean isKernelConstant(Path file, String name) {
        return KernelNumbers.here().containsKey(name) || KERNEL_PREFIX.matcher(name).matches() || file.endsWith("Errno.java");
    }

    private static void compare(Path file, String name, long value, List<String> wrong) {
        for (String architecture : KernelNumbers.ARCHITECTURES.values()) {
            Long right = KernelNumbers.of(architecture).get(name);
            if (right == null || right != value) {
                wrong.add(file.getFileName() + ": " + name + " is " + value + ", on " + architecture + " " + right);
            }
        }
    }

    @Test
    void systemCallNumbersMatchAllArchitectures() throws IOException {
        Matcher call = SYSTEM_CALL.matcher(Files.readString(LIBC.resolve("SystemCall.java")));
        List<String> wrong = new ArrayList<>();
        int calls = 0;
        for (; call.find(); calls++) {
            compare(LIBC.resolve("SystemCall.java"), "SYS_" + call.group(1).toLowerCase(Locale.ROOT),
                    Long.parseLong(call.group(2)),
                    wrong);
        }
        assertEquals(List.of(), wrong);
        // The number of setgroups differs between architectures and is in Abi.
        assertTrue(calls >= 7, "only " + calls + " system calls found");
    }

    /** The constants that differ between architectures are only in Abi. */
    @Test
    void abiMatchesHeaders() throws IOException {
        Map<String, List<Long>> rows = new TreeMap<>();
        Matcher row = ROW.matcher(Files.readString(LIBC.resolve("Abi.java")));
        while (row.find()) {
            rows.put(row.group(2), Stream.of(3, 4, 5, 6).map(row::group).map(Long::decode).toList());
        }
        assertEquals(KernelNumbers.ARCHITECTURES.keySet(), rows.keySet());
        for (Map.Entry<String, List<Long>> entry : rows.entrySet()) {
            Map<String, Long> table = KernelNumbers.of(KernelNumbers.ARCHITECTURES.get(entry.getKey()));
            assertEquals(Stream.of("O_DIRECT", "O_DIRECTORY", "O_NOFOLLOW", "SYS_setgroups").map(table::get).toList(), entry.getValue(),
                    entry.getKey());
            assertEquals(table.get("O_TMPFILE"), 0x400000 | table.get("O_DIRECTORY"));
        }
    }
}
