package org.example.piimages.daemon.emulation;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/** The flags of a binfmt_misc entry, in the order in which the kernel prints them. */
public enum BinfmtFlag {
    /** The program's argv[0] is preserved, as an additional argument that the interpreter has to expect. */
    PRESERVE_ARGUMENT('P'),
    /** The interpreter receives the program as an open file, so the program need not be readable. */
    OPEN_BINARY('O'),
    /** The process gets the program's setuid and file capabilities instead of the interpreter's; implies O. */
    CREDENTIALS('C'),
    /** The kernel opens the interpreter when the entry is registered, so it works in every mount namespace and after it was deleted. */
    FIX_BINARY('F');

    private final char letter;

    BinfmtFlag(char letter) {
        this.letter = letter;
    }

    /** Returns the letter used on registration lines and in entry files. */
    public char letter() {
        return letter;
    }

    /** Returns the flag of a letter, if there is one. */
    public static Optional<BinfmtFlag> of(char letter) {
        return Arrays.stream(values()).filter(flag -> flag.letter == letter).findFirst();
    }

    /** Parses letters, which may be repeated; empty if one is not a flag. */
    static Optional<Set<BinfmtFlag>> parse(String letters) {
        Set<BinfmtFlag> flags = EnumSet.noneOf(BinfmtFlag.class);
        for (int at = 0; at < letters.length(); at++) {
            Optional<BinfmtFlag> flag = of(letters.charAt(at));
            if (flag.isEmpty()) {
                return Optional.empty();
            }
            flags.add(flag.get());
        }
        if (flags.contains(CREDENTIALS)) {
            flags.add(OPEN_BINARY);
        }
        return Optional.of(flags);
    }
}
