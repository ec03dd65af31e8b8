package org.example.piimages.daemon.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What testbed/fuzz found worth keeping, read again in every build: a directory of src/test/corpus for each class that ends in Fuzz. */
class CorpusTest {

    private static final Path CORPUS = Path.of("src/test/corpus");
    private static final Path SOURCES = Path.of("src/test/java");
    private static final String SUFFIX = "Fuzz.java";

    private static List<Path> files(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            return files.sorted().toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void everyTargetHasACorpus() throws IOException {
        TreeSet<String> targets = new TreeSet<>();
        try (Stream<Path> sources = Files.walk(SOURCES)) {
            sources.filter(file -> file.toString().endsWith(SUFFIX)).forEach(file -> {
                String name = SOURCES.relativize(file).toString().replace('/', '.');
                targets.add(name.substring(0, name.length() - ".java".length()));
            });
        }
        assertEquals(targets, new TreeSet<>(files(CORPUS).stream().map(directory -> directory.getFileName().toString()).toList()));
        files(CORPUS).forEach(directory -> assertEquals(false, files(directory).isEmpty(), directory.toString()));
    }

    @TestFactory
    Stream<DynamicContainer> corpusIsReadAsItWasWhenItWasKept() throws ReflectiveOperationException {
        List<DynamicContainer> targets = new ArrayList<>();
        for (Path directory : files(CORPUS)) {
            Method target = Class.forName(directory.getFileName().toString()).getMethod("fuzzerTestOneInput", byte[].class);
            Stream<DynamicTest> inputs = files(directory).stream().map(file -> dynamicTest(file.getFileName().toString(),
                    () -> target.invoke(null, (Object) Files.readAllBytes(file))));
            targets.add(dynamicContainer(directory.getFileName().toString(), inputs));
        }
        return targets.stream();
    }
}
