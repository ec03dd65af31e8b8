package org.example.piimages.daemon.linux.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Only root may map arbitrary user ids. */
class UserNamespaceIT {

    private static final int USER = 1;

    /** The targets of the open descriptors of namespaces, each as often as it is open. */
    private static List<String> open() throws IOException {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors.map(UserNamespaceIT::target).filter(target -> target.startsWith("user:")).toList();
        }
    }

    private static String target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException e) {
            // The descriptor of the listing itself is closed by now.
            return "";
        }
    }

    @Test
    void createsNamespaceOfAnOwnerOnce() throws Exception {
        try (UserNamespace first = UserNamespace.forOwner(USER, USER); UserNamespace second = UserNamespace.forOwner(USER, USER)) {
            assertEquals(target(Path.of(first.fd().procPath())), target(Path.of(second.fd().procPath())));
        }
    }

    @Test
    void limitsDescriptorsOfManyGroups() throws Exception {
        for (int group = 1; group <= UserNamespace.CACHE_SIZE + 20; group++) {
            UserNamespace.forOwner(USER, group).close();
        }
        assertTrue(open().size() <= UserNamespace.CACHE_SIZE, open().size() + " are open");
        // The most recently used one is kept, the first is created anew.
        for (int group : new int[] {UserNamespace.CACHE_SIZE + 20, 1}) {
            try (UserNamespace again = UserNamespace.forOwner(USER, group)) {
                assertTrue(again.fd().number() >= 0);
            }
        }
        assertTrue(open().size() <= UserNamespace.CACHE_SIZE, open().size() + " are open");
    }
}
