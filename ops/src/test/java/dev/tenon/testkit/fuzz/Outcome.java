package dev.tenon.testkit.fuzz;

import java.util.regex.Pattern;

/**
 * How the reading of a file ended.
 *
 * @param kind how
 * @param text the exception, or the fault; empty if there was none
 * @param results what a model computed, to compare with another run; empty if nothing, or if it is random
 */
public record Outcome(Kind kind, String text, String results) {
    private static final Pattern DETAIL = Pattern.compile("'[^']*'|@[0-9a-f]+|[0-9]+|\\[[^\\]]*\\]|%\\S+");
    private static final int LENGTH = 160;

    /** The ways to end, from the file that is refused first to the fault. */
    public enum Kind {
        REFUSED_AT_LOADING,
        REFUSED_BY_SESSION,
        REFUSED_AT_RUN,
        OUT_OF_TIME,
        WITHOUT_INPUTS,
        RAN,
        /** An exception that is not typed, or says nothing. */
        UNTYPED,
        /** It took too long, or too much memory. */
        TOO_MUCH,
        /** It ended in another way the second time. */
        DIFFERENT
    }

    public boolean isFault() {
        return kind == Kind.UNTYPED || kind == Kind.TOO_MUCH || kind == Kind.DIFFERENT;
    }

    /** Whether the other one has the same signature. */
    public boolean endsLike(Outcome other) {
        return kind == other.kind && (text.equals(other.text) || signature().equals(other.signature()));
    }

    /** The outcome without names and numbers: files that end alike have the same. */
    public String signature() {
        String plain = DETAIL.matcher(text).replaceAll("_");
        return kind + " " + plain.substring(0, Math.min(LENGTH, plain.length()));
    }
}
