package dev.tenon.op.text;

import dev.tenon.budget.WorkBudget;
import java.util.Locale;
import java.util.function.UnaryOperator;

/**
 * Upper and lower case of texts of any length. The time of {@link String#toLowerCase(Locale)} and {@link
 * String#toUpperCase(Locale)} grows as the square of the length where characters become several ones, and where many
 * sigmas ask for the end of their word. Here a text is changed piece by piece, and counts for the budget of the calling
 * thread.
 *
 * <p>Pieces begin at a space, so the results are those of the JDK. A word that is longer than {@value #PIECE} characters
 * is cut: a sigma before the cut is taken for the end of a word.
 */
final class TextCase {
    private static final int PIECE = 256;

    /** The most marks that are kept together with the letter before them. */
    private static final int MOST_MARKS = 64;

    /** The work for a character: a sigma looks at its piece. */
    private static final long OPERATIONS = 16;

    private TextCase() {}

    /** The text in upper case. */
    static String upper(String s, Locale rules) {
        return changed(s, piece -> piece.toUpperCase(rules));
    }

    /** The text in lower case. */
    static String lower(String s, Locale rules) {
        return changed(s, piece -> piece.toLowerCase(rules));
    }

    private static String changed(String s, UnaryOperator<String> change) {
        if (s.length() <= PIECE) {
            WorkBudget.spend(OPERATIONS * s.length());
            return change.apply(s);
        }
        StringBuilder all = new StringBuilder(s.length());
        int from = 0;
        while (from < s.length()) {
            int to = s.length() - from <= PIECE ? s.length() : end(s, from);
            WorkBudget.spend(OPERATIONS * (to - from));
            all.append(change.apply(s.substring(from, to)));
            from = to;
        }
        return all.toString();
    }

    /** The end of the piece that begins at a place: the last space in reach, or else no mark. */
    private static int end(String s, int from) {
        for (int i = from + PIECE; i > from; i--) {
            if (s.charAt(i) == ' ' || s.charAt(i) == '\n') {
                return i;
            }
        }
        int end = s.offsetByCodePoints(from, s.codePointCount(from, from + PIECE));
        for (int marks = 0; end < s.length() && marks < MOST_MARKS && isMark(s.codePointAt(end)); marks++) {
            end += Character.charCount(s.codePointAt(end));
        }
        return end;
    }

    private static boolean isMark(int c) {
        int type = Character.getType(c);
        return type == Character.NON_SPACING_MARK
                || type == Character.ENCLOSING_MARK
                || type == Character.COMBINING_SPACING_MARK;
    }
}
