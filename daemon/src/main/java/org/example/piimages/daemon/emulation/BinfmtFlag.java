package org.example.piimages.daemon.emulation;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/** The flags of a binfmt_misc entry, in the order in which the kernel prints them. */
public enum BinfmtFlag {
    /** The program's argv[0] is kept, as one argument more that the interpreter has to expect. */
    PRESERVE_ARGUMENT('P'),
    /** The interpreter gets the program as an open file, so it need not be readable. */
    OPEN_BINARY('O'),
    /** The process gets the program's setuid and file capabilities instead of the interpreter's; implies O. */
    CREDENTIALS('C'),
    /** The kernel opens the interpreter when the entry is registered, so it works in every mount namespace and after it was deleted. */
    FIX_BINARY('F');

    private final char letter;

    BinfmtFlag(char letter) {
        this.letter = letter;
    }

    /** The letter on a registration line and in an entry's file. */
    public char letter() {
        return letter;
    }

    /** The flag of a letter, if there is one. */
    public static Optional<BinfmtFlag> of(char letter) {
        return Arrays.stream(values()).filter(flag -> flag.letter == letter).findFirst();
    }

    /** Reads letters, each once or more often; empty when one is no flag. */
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
