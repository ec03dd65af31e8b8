package org.example.piimages.faults;

import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.nio.file.Path;
import java.security.ProtectionDomain;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassWriter;

/**
 * Changes the daemon's classes as they are loaded. Started by {@code -javaagent:faults.jar=DIRECTORY}; see {@link Steps} for the directory.
 */
public final class Agent implements ClassFileTransformer {

    private static final String DAEMON = "org/example/piimages/daemon/";

    private Agent() {
    }

    /** Called by Java before the daemon's Main. */
    public static void premain(String directory, Instrumentation instrumentation) {
        Steps.follow(Path.of(directory));
        instrumentation.addTransformer(new Agent());
    }

    @Override
    public byte[] transform(ClassLoader loader, String name, Class<?> before, ProtectionDomain domain, byte[] bytes) {
        if (name == null || !name.startsWith(DAEMON)) {
            return null;
        }
        ClassReader reader = new ClassReader(bytes);
        ClassWriter writer = new ClassWriter(reader, ClassWriter.COMPUTE_MAXS);
        reader.accept(new StepMarker(name.substring(name.lastIndexOf('/') + 1), writer), 0);
        return writer.toByteArray();
    }
}
