package dev.tenon.compression.metric;

import java.util.Locale;

/** The judgement of a loss by its interval of confidence. */
public enum Verdict {
    /** The second model is better: the whole interval of its loss is below 0. */
    BETTER,
    /** The second model is worse: the whole interval is above 0. */
    WORSE,
    /** The samples show no difference: the interval has 0 in it, or there are too few samples for one. */
    NO_DIFFERENCE,
    /** The loss is allowed, with its margin. */
    WITHIN_FLOOR,
    /** The loss is not allowed: the whole interval is above the floor. */
    BEYOND_FLOOR,
    /** The floor is in the interval, or there is none: more samples would tell. */
    UNDECIDED;

    /** {@return the verdict in small letters and words} */
    public String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
