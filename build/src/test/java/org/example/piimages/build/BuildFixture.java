package org.example.piimages.build;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.example.piimages.build.cache.Cache;
import org.example.piimages.build.failure.BuildException;

/** A directory with a base image in which recipes are built with {@link FakeImages}. */
public final class BuildFixture {

    final Path directory;
    final Path work;
    final FakeImages images;
    final List<String> progress = new ArrayList<>();
    boolean isDryRun;
    public String osList;
    boolean useCache = true;

    public BuildFixture(Path directory) throws IOException {
        this.directory = directory;
        this.work = Files.createDirectory(directory.resolve("work"));
        this.images = new FakeImages(Files.createDirectory(directory.resolve("root")));
        put("base.img", "base\n");
    }

    public Path put(String name, String text) throws IOException {
        return Files.writeString(work.resolve(name), text);
    }

    public Cache cache() throws IOException {
        return Cache.in(directory.resolve("cache"));
    }

    public BuildResult build(String... lines) throws BuildException, IOException {
        return build(put("pi.Pifile", "cd '" + work + "'\n" + String.join("\n", lines) + "\n"));
    }

    public BuildResult build(Path recipe) throws BuildException, IOException {
        images.requests.clear();
        progress.clear();
        BuildRequest request = new BuildRequest(recipe, cache(), useCache, 0, null, osList, true, false, isDryRun, progress::add);
        return isDryRun ? Build.dryRun(request) : Build.run(images, request);
    }

    public String read(String name) throws IOException {
        return Files.readString(work.resolve(name));
    }
}
