package org.example.piimages.daemon.linux.process;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessesTest {

    @TempDir
    private Path directory;

    @Test
    void findsHolderWithAnyNameBytes() throws Exception {
        Path place = directory.toRealPath();
        String script = "cd \"$0\" && name=$(printf 'x\\377y') && cp /bin/cat \"$name\" && \"./$name\"; rm \"$name\"";
        Process process = new ProcessBuilder("/bin/sh", "-c", script, place.toString()).start();
        try {
            process.getOutputStream().write('!');
            process.getOutputStream().flush();
            // The program runs under its name once it answers.
            assertEquals('!', process.getInputStream().read());
            List<Processes.Holder> holders = Processes.using(place);
            assertTrue(holders.stream().anyMatch(holder -> holder.command().equals("x\ufffdy")), holders.toString());
        } finally {
            process.getOutputStream().close();
            process.waitFor();
        }
    }

    @Test
    void readsUmaskOnlyOfUsersProcess() throws Exception {
        Process process = new ProcessBuilder("/bin/sh", "-c", "umask 027 && echo && read line").start();
        try {
            process.getInputStream().read();
            int uid = (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
            assertEquals(OptionalInt.of(027), Processes.umask(process.pid(), uid));
            assertEquals(OptionalInt.empty(), Processes.umask(process.pid(), uid + 1));
        } finally {
            process.getOutputStream().close();
            process.waitFor();
        }
        assertEquals(OptionalInt.empty(), Processes.umask(process.pid(), 0));
    }

    /** The name of a process precedes its other properties in the status file. */
    @Test
    void nameWithCarriageReturnIsNoProperty() throws Exception {
        String script = "printf '\\rGid:\\t7\\t7\\t7\\t7' >/proc/$$/comm; echo; read line; printf '\\rUid:\\t7\\t7\\t7\\t7' >/proc/$$/comm;"
                + " echo; read line; printf '\rSigBlk:\tx' >/proc/$$/comm; echo; read line";
        Process process = new ProcessBuilder("/bin/sh", "-c", script).start();
        try {
            process.getInputStream().read();
            assertEquals(Processes.group(ProcessHandle.current().pid()), Processes.group(process.pid()));
            process.getOutputStream().write('\n');
            process.getOutputStream().flush();
            process.getInputStream().read();
            assertEquals(OptionalInt.empty(), Processes.umask(process.pid(), 7));
            process.getOutputStream().write('\n');
            process.getOutputStream().flush();
            process.getInputStream().read();
            assertDoesNotThrow(() -> Processes.handlesSignals((int) process.pid(), "none"));
        } finally {
            process.getOutputStream().close();
            process.waitFor();
        }
    }

    @Test
    void unusedDirectoryHasNoHolders() throws Exception {
        assertEquals(List.of(), Processes.using(directory.toRealPath().resolve("none")));
    }
}
