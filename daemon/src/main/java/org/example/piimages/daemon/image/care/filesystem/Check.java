package org.example.piimages.daemon.image.care.filesystem;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.Images;
import org.example.piimages.daemon.image.care.Subject;
import org.example.piimages.daemon.image.care.ToolRun;
import org.example.piimages.daemon.image.care.filesystem.CheckedFilesystem.Verdict;
import org.example.piimages.daemon.image.disk.Partition;
import org.example.piimages.daemon.image.filesystem.ExtFeatures;
import org.example.piimages.daemon.image.filesystem.Filesystem;
import org.example.piimages.daemon.image.table.PartitionTable;
import org.example.piimages.daemon.image.table.Volume;
import org.example.piimages.daemon.job.Progress;
import org.example.piimages.daemon.job.Work;
import org.example.piimages.daemon.linux.file.CallerFolder;
import org.example.piimages.daemon.linux.file.Credentials;
import org.example.piimages.daemon.linux.file.FileCopy;
import org.example.piimages.daemon.linux.file.OpenFile;
import org.example.piimages.daemon.linux.process.Command;
import org.example.piimages.daemon.linux.process.RunningCommand;

/**
 * Looks for errors in the filesystems of an image, and mends them when asked to. Looking changes not a byte. Mending is done in a copy that
 * takes the image's place: what fsck makes worse is not kept, and neither is half of its work. A card has no space for one.
 */
public final class Check implements Work {

    /** Where a FAT partition is copied to: its tool takes no offset. */
    private static final String SCRATCH = "/var/tmp/piimages-fat";

    private final Images images;
    private final Subject subject;
    private final boolean repair;

    public Check(Images images, Subject subject, boolean repair) {
        this.images = images;
        this.subject = subject;
        this.repair = repair;
    }

    @Override
    public Map<String, Object> run(Progress progress) throws IOException {
        try {
            images.hold(repair ? subject.requireWritable().file() : subject.file(), repair);
            List<Volume> volumes = Volume.probe(subject.file(), PartitionTable.read(subject.file()));
            progress.step("check", 0);
            List<CheckedFilesystem> found = new ArrayList<>();
            for (Volume volume : volumes) {
                if (volume.filesystem().filter(Filesystem::isMountable).isPresent()) {
                    found.add(lookFirst(volume, progress));
                }
            }
            if (!repair || found.stream().allMatch(CheckedFilesystem::isSound)) {
                return result(found);
            }
            return result(subject.file().card().isPresent() ? mendInPlace(volumes, found, progress) : mend(volumes, found, progress));
        } catch (Failure failure) {
            throw subject.about(failure);
        } catch (IOException e) {
            throw subject.about(e);
        }
    }

    private static Map<String, Object> result(List<CheckedFilesystem> found) {
        return Map.of("sound", found.stream().allMatch(CheckedFilesystem::isSound), "filesystems", found);
    }

    private CheckedFilesystem lookFirst(Volume volume, Progress progress) throws IOException {
        return volume.filesystem().orElseThrow().needsRecovery()
                ? checked(volume, Verdict.UNCLEAN, "its journal has to be replayed first")
                : look(volume, progress);
    }

    /** Of the image as it is. */
    private CheckedFilesystem look(Volume volume, Progress progress) throws IOException {
        try (PartitionInput input = PartitionInput.of(subject.file(), volume.partition(), subject.who(), true)) {
            return look(input, volume, progress);
        }
    }

    private CheckedFilesystem look(PartitionInput input, Volume volume, Progress progress) throws IOException {
        Filesystem filesystem = volume.filesystem().orElseThrow();
        if (filesystem.extFeatures().isPresent()) {
            E2fsprogs.installed(subject.who(), progress).require(filesystem.extFeatures().get());
            return judge(volume, E2fsprogs.check(input, progress, "-f", "-n"));
        }
        if (filesystem.isFat()) {
            if (input.isAlone()) {
                return judge(volume, fat(input, progress, "-n"));
            }
            try (OpenFile copy = copyOfFat(input.file(), volume.partition(), progress)) {
                return judge(volume, fat(copy, progress, "-n"));
            }
        }
        return checked(volume, Verdict.UNCHECKED, "there is no tool to check " + filesystem.type());
    }

    private static CheckedFilesystem judge(Volume volume, RunningCommand.Ended ended) {
        // fsck.fat says 1, e2fsck -n says 4; from 8 on both mean that they could not do their work.
        if (ended.status() >= 8) {
            ended.requireSuccess();
        }
        return checked(volume, ended.status() == 0 ? Verdict.CLEAN : Verdict.DAMAGED, ended.words());
    }

    private static CheckedFilesystem checked(Volume volume, Verdict verdict, String words) {
        String named = words.strip().replaceAll(Command.INPUT + "(\\?offset=[0-9]+)?", volume.partition().title());
        return new CheckedFilesystem(volume.partition().number(), volume.filesystem().orElseThrow().type(), verdict, named);
    }

    private OpenFile copyOfFat(OpenFile image, Partition partition, Progress progress) throws IOException {
        try (CallerFolder folder = CallerFolder.of(SCRATCH, subject.who())) {
            OpenFile copy = folder.scratch();
            try {
                new FileCopy(image, copy, subject.who()).range(partition.start(), 0, partition.length(), bytes -> progress.advance(0));
                return copy;
            } catch (IOException | RuntimeException e) {
                copy.close();
                throw e;
            }
        }
    }

    /** Of a copy. */
    private RunningCommand.Ended fat(OpenFile copy, Progress progress, String option) throws IOException {
        return ToolRun.of(fat(copy, subject.who(), option), progress);
    }

    /** Of a card. */
    private static RunningCommand.Ended fat(PartitionInput input, Progress progress, String option) throws IOException {
        return ToolRun.watched(fat(input.file(), input.who(), option), progress, input::requirePresent);
    }

    private static Command fat(OpenFile file, Credentials who, String option) {
        return Command.of("fsck.fat", "dosfstools", who).input(file).with(option, Command.INPUT);
    }

    /** Mends what is not sound, in a copy; the others are in it as they were. What is told is how the copy is then. */
    private List<CheckedFilesystem> mend(List<Volume> volumes, List<CheckedFilesystem> found, Progress progress) throws IOException {
        Map<Integer, CheckedFilesystem> before = new LinkedHashMap<>();
        found.forEach(checked -> before.put(checked.partition(), checked));
        List<Volume> checked = volumes.stream().filter(volume -> before.containsKey(volume.partition().number())).toList();
        List<Volume> broken = checked.stream().filter(volume -> !before.get(volume.partition().number()).isSound()).toList();
        OpenFile image = subject.file().file();
        try (CallerFolder folder = CallerFolder.holding(image, subject.who()); OpenFile copy = folder.create()) {
            long size = image.length();
            progress.step("copy", size);
            new FileCopy(image, copy, subject.who()).range(0, 0, size, progress::advance);
            progress.step("repair", 0);
            Map<Integer, String> words = new LinkedHashMap<>();
            for (Volume volume : broken) {
                words.put(volume.partition().number(), mend(volume, copy, progress).words());
            }
            progress.step("verify", 0);
            List<CheckedFilesystem> after = new ArrayList<>();
            for (Volume volume : checked) {
                CheckedFilesystem was = before.get(volume.partition().number());
                after.add(verified(was, was.verdict() == Verdict.UNCHECKED ? was : look(PartitionInput.ofFile(copy,
                        volume.partition(), subject.who()), volume, progress), volume, words));
            }
            copy.sync();
            progress.ready(result(after));
            progress.commit();
            folder.replace(copy);
            return after;
        }
    }

    /** A card has no space for a copy: its filesystems are mended where they are, as fsck does. */
    private List<CheckedFilesystem> mendInPlace(List<Volume> volumes, List<CheckedFilesystem> found, Progress progress)
            throws IOException {
        requireApart(volumes);
        for (Volume volume : volumes) {
            Optional<ExtFeatures> features = volume.filesystem().flatMap(Filesystem::extFeatures);
            if (features.isPresent()) {
                E2fsprogs.installed(subject.who(), progress).require(features.get());
            }
        }
        progress.ready(result(found));
        progress.commit();
        progress.step("repair", 0);
        List<CheckedFilesystem> after = new ArrayList<>();
        for (CheckedFilesystem was : found) {
            Volume volume = volumes.stream().filter(v -> v.partition().number() == was.partition()).findFirst().orElseThrow();
            after.add(was.isSound() ? was : mendInPlace(volume, progress));
        }
        subject.file().file().sync();
        return after;
    }

    /** In a copy it would be seen that the repair of one damages another. */
    private static void requireApart(List<Volume> volumes) {
        for (Volume one : volumes) {
            for (Volume other : volumes) {
                if (one.partition().number() != other.partition().number() && one.partition().start() <= other.partition().start()
                        && one.partition().end() > other.partition().start()) {
                    throw new Failure(Failure.Kind.UNSUPPORTED, one.partition().title() + " and " + other.partition().title()
                            + " overlap, so they are not repaired in place; nothing was changed");
                }
            }
        }
    }

    private CheckedFilesystem mendInPlace(Volume volume, Progress progress) throws IOException {
        String words;
        try (PartitionInput input = PartitionInput.of(subject.file(), volume.partition(), subject.who(), false)) {
            words = (volume.filesystem().orElseThrow().isFat() ? fat(input, progress, "-a")
                    : E2fsprogs.check(input, progress, "-f", "-y")).words();
            input.file().sync();
        }
        return checked(volume, look(volume, progress).verdict() == Verdict.CLEAN ? Verdict.REPAIRED : Verdict.DAMAGED, words);
    }

    /** Mends one filesystem of the copy. */
    private RunningCommand.Ended mend(Volume volume, OpenFile copy, Progress progress) throws IOException {
        Partition partition = volume.partition();
        if (!volume.filesystem().orElseThrow().isFat()) {
            return E2fsprogs.check(copy, partition.start(), subject.who(), progress, "-f", "-y");
        }
        try (OpenFile fat = copyOfFat(copy, partition, progress)) {
            RunningCommand.Ended ended = fat(fat, progress, "-a");
            new FileCopy(fat, copy, subject.who()).over(partition.start(), partition.length(), bytes -> progress.advance(0));
            return ended;
        }
    }

    /**
     * What is told of a filesystem of the copy: the words are those of the mending, the verdict is that of the look at the copy.
     *
     * @throws Failure INVALID_IMAGE when one that was sound is not any more
     */
    private static CheckedFilesystem verified(CheckedFilesystem was, CheckedFilesystem is, Volume volume, Map<Integer, String> words) {
        if (words.containsKey(was.partition())) {
            return checked(volume, is.verdict() == Verdict.CLEAN ? Verdict.REPAIRED : Verdict.DAMAGED, words.get(was.partition()));
        }
        if (was.isSound() && !is.isSound()) {
            throw new Failure(Failure.Kind.INVALID_IMAGE, "the repair of one partition damages " + volume.partition().title()
                    + "; perhaps they overlap; nothing was changed");
        }
        return is;
    }
}
