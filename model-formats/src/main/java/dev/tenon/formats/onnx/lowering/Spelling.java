package dev.tenon.formats.onnx.lowering;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/** Finds the name that a misspelt one was meant to be. */
final class Spelling {
    private static final int LONGEST = 64;
    private static final int MOST_CHANGES = 3;
    private static final int LETTERS_A_CHANGE = 4;

    private Spelling() {}

    /**
     * The nearest name: the fewest letters are changed, added, left out or swapped. Upper case and lower case count as the same.
     *
     * @param name a name from a file, of any length
     * @param names the names that there are
     * @return the nearest one, empty if none is near: one change for four letters, three at most
     */
    static Optional<String> nearest(String name, Collection<String> names) {
        if (name.length() > LONGEST) {
            return Optional.empty();
        }
        int least = Math.min(MOST_CHANGES, (name.length() + LETTERS_A_CHANGE / 2) / LETTERS_A_CHANGE) + 1;
        String nearest = null;
        for (String each : names) {
            int changes = changes(name.toLowerCase(Locale.ROOT), each.toLowerCase(Locale.ROOT));
            if (changes < least) {
                least = changes;
                nearest = each;
            }
        }
        return Optional.ofNullable(nearest);
    }

    /** The edit distance of Levenshtein, in which two letters that are swapped count as one change. */
    private static int changes(String a, String b) {
        int[][] of = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    of[i][j] = i + j;
                    continue;
                }
                boolean same = a.charAt(i - 1) == b.charAt(j - 1);
                of[i][j] = Math.min(of[i - 1][j - 1] + (same ? 0 : 1), 1 + Math.min(of[i - 1][j], of[i][j - 1]));
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    of[i][j] = Math.min(of[i][j], of[i - 2][j - 2] + 1);
                }
            }
        }
        return of[a.length()][b.length()];
    }
}
