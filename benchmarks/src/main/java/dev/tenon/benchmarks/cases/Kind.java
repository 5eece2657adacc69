package dev.tenon.benchmarks.cases;

import java.util.Locale;
import java.util.Map;

/** The kinds of cases. Each has a mean of its own, in this order. */
public enum Kind {
    /** A network that is used for its task, or one of the same shapes. */
    REAL("real networks"),

    /** A network for digits, or one whose call is far below a millisecond. */
    SMALL("small networks"),

    /** A case of no list. */
    OTHER("");

    /** The name of the parameter. */
    public static final String PARAMETER = "kind";

    private final String title;

    Kind(String title) {
        this.title = title;
    }

    /**
     * The kind that parameters of a case name.
     *
     * @param parameters values by the names of parameters
     * @return the kind; {@link #OTHER} if they name none
     */
    public static Kind of(Map<String, String> parameters) {
        return valueOf(parameters.getOrDefault(PARAMETER, OTHER.name()));
    }

    /**
     * A readable name.
     *
     * @return such as {@code real networks}; empty for {@link #OTHER}
     */
    public String title() {
        return title;
    }

    /**
     * The name on the command line and in files.
     *
     * @return in lower case
     */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }
}
