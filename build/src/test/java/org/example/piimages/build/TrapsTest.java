package org.example.piimages.build;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Recipes that set traps or shell options, as prelude.sh does. */
class TrapsTest {

    @TempDir
    Path directory;
    private BuildFixture fixture;

    @BeforeEach
    void fixture() throws Exception {
        fixture = new BuildFixture(directory);
    }

    @ParameterizedTest
    @ValueSource(strings = {"trap 'echo bye' EXIT", "trap 'echo oops >&2' ERR", "trap 'true' DEBUG", "set +eu"})
    void recipeMaySetTrapsAndOptions(String line) throws Exception {
        fixture.build("FROM base.img", line, "RUN one", "for i in a b; do RUN tee /x <<<\"$i\"; done", "RUN two", "v=$(RUN out)", "RUN $v");
        assertEquals("base\none\ntee /x <a\ntee /x <b\ntwo\nout\nsaid by out\n", fixture.read("pi.img"));
    }
}
