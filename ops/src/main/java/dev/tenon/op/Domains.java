package dev.tenon.op;

/** The domains of the operators that Tenon has. */
public final class Domains {
    /** The standard's main domain, {@code ai.onnx}, which is written as an empty string. */
    public static final String MAIN = "";

    /** The standard's operators on tables. */
    public static final String ML = "ai.onnx.ml";

    /** The extension of the standard that ONNX Runtime defines. */
    public static final String MICROSOFT = "com.microsoft";

    /** The operators that Tenon's optimiser makes of others. */
    public static final String TENON = "dev.tenon";

    private Domains() {}
}
