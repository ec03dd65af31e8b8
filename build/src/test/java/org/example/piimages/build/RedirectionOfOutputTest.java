package org.example.piimages.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests commands whose output the recipe redirects. */
class RedirectionOfOutputTest {

    @TempDir
    Path directory;
    private BuildFixture fixture;

    @BeforeEach
    void fixture() throws IOException {
        fixture = new BuildFixture(directory);
    }

    @Test
    void redirectedErrorsAreCached() throws Exception {
        String[] recipe = {"FROM base.img", "RUN one 2>>errors", "RUN two >>both 2>&1", "RUN three >>out 2>>errors-3", "v=$(RUN four 2>&1)",
            "RUN five 2>/dev/null", "RUN echo $v", "RUN end"};
        for (int i = 0; i < 3; i++) {
            // Each pass opens the files, so that > would empty them after the step.
            for (String name : List.of("errors", "both", "out", "errors-3")) {
                fixture.put(name, "");
            }
            recipe[recipe.length - 1] = "RUN end " + i / 2;
            assertEquals(new int[] {0, 7, 6}[i], fixture.build(recipe).cached());
            assertEquals("error of one\n", fixture.read("errors"));
            assertEquals("said by two\nerror of two\n", fixture.read("both"));
            assertEquals("said by three\n", fixture.read("out"));
            assertEquals("error of three\n", fixture.read("errors-3"));
            assertTrue(fixture.read("pi.img").contains("echo said by four error of four\n"), fixture.read("pi.img"));
        }
    }

    @Test
    void repeatsStepWithCapturedOutput() throws Exception {
        // So slow that no image is stored in the cache.
        fixture.images.copyMilliseconds = 200;
        fixture.build("FROM base.img", "v=$(RUN version 2>errors)", "RUN one");
        assertEquals(2, fixture.build("FROM base.img", "v=$(RUN version 2>errors)", "RUN one", "RUN two").cached());
        assertEquals("base\nversion\none\ntwo\n", fixture.read("pi.img"));
    }
}
