package org.example.piimages.build.step;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.example.piimages.build.failure.BuildException;

/**
 * The action that stores first-boot settings in the image.
 *
 * @param words the arguments of the command configure
 * @param files the indexes of the words that contain a file name, alone or after {@code --NAME=}
 */
record Configuration(List<String> words, Set<Integer> files) implements Step.Action {

    @Override
    public int perform(Draft draft) throws BuildException {
        draft.mounted();
        return draft.commandWhileMounted("configure", words);
    }

    @Override
    public Step.Action withCopiedFiles(Path directory) throws IOException {
        List<String> copies = new ArrayList<>(words);
        for (int place : files) {
            String word = words.get(place);
            int start = word.startsWith("--") ? word.indexOf('=') + 1 : 0;
            copies.set(place, word.substring(0, start) + FileCopy.content(Path.of(word.substring(start)), directory));
        }
        return new Configuration(copies, files);
    }
}
