package org.example.piimages.faults;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassWriter;

/**
 * Creates a copy of the daemon's jar that can be made to fail: its classes call {@link Steps} before and after each step, and the jar
 * contains that class, too. Changing the classes once, rather than each time they are loaded, halves the time that the daemon needs to
 * start.
 */
public final class Instrumentation {

    private static final String DAEMON = "org/example/piimages/daemon/";
    /** The classes that the changed ones call: this package. */
    private static final String FAULTS = "org/example/piimages/faults/";

    private Instrumentation() {
    }

    /** Arguments: the daemon's jar, and the copy to create. */
    public static void main(String... arguments) throws IOException {
        String own = Instrumentation.class.getProtectionDomain().getCodeSource().getLocation().getPath();
        try (JarOutputStream copy = new JarOutputStream(Files.newOutputStream(Path.of(arguments[1])))) {
            copy(arguments[0], "", copy);
            copy(own, FAULTS, copy);
        }
    }

    private static void copy(String jar, String prefix, JarOutputStream to) throws IOException {
        try (JarFile from = new JarFile(jar)) {
            for (JarEntry entry : Collections.list(from.entries())) {
                String name = entry.getName();
                if (!name.startsWith(prefix) || entry.isDirectory()) {
                    continue;
                }
                try (InputStream content = from.getInputStream(entry)) {
                    byte[] bytes = content.readAllBytes();
                    to.putNextEntry(new JarEntry(name));
                    to.write(name.startsWith(DAEMON) && name.endsWith(".class") ? instrumented(bytes) : bytes);
                    to.closeEntry();
                }
            }
        }
    }

    private static byte[] instrumented(byte[] bytes) {
        ClassReader reader = new ClassReader(bytes);
        ClassWriter writer = new ClassWriter(reader, ClassWriter.COMPUTE_MAXS);
        String name = reader.getClassName();
        reader.accept(new StepMarker(name.substring(name.lastIndexOf('/') + 1), writer), 0);
        return writer.toByteArray();
    }
}
